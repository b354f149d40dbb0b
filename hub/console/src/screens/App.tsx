/** What the window shows: nothing yet, the sign-in, or an agent at work. */

import { useEffect, useMemo } from "preact/hooks";
import { Desk } from "../desk";
import { Failed } from "../kit/States";
import { ToastView } from "../kit/ToastView";
import { ask, session, type Me } from "../session";
import { DeskContext } from "../work";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";

export function App() {
  const knowing = session.value;
  return (
    <>
      {knowing.state === "unreachable" && (
        <main class="auth">
          <Failed title="The hub did not answer" problem={knowing.problem} onRetry={ask} />
        </main>
      )}
      {knowing.state === "out" && <SignIn notice={knowing.notice} tone={knowing.tone} />}
      {knowing.state === "in" && <AtWork key={knowing.me.session_id} me={knowing.me} />}
      <ToastView />
    </>
  );
}

function AtWork({ me }: { me: Me }) {
  const desk = useMemo(() => new Desk(me), [me]);
  useEffect(() => {
    desk.start();
    return () => desk.stop();
  }, [desk]);
  return (
    <DeskContext.Provider value={desk}>
      <Shell />
    </DeskContext.Provider>
  );
}
