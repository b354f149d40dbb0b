/** The whole panel: one screen at a time. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ActivityScreen } from "./screens/activity";
import { ConversationScreen } from "./screens/conversation";
import { Home } from "./screens/home";
import { Messages } from "./screens/messages";
import { appearance, open, screen } from "./state";

export function Panel({ still }: { still?: boolean }): JSX.Element | null {
  const now = screen.value;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    // A conversation gives the focus to its composer; elsewhere the reader starts at the top.
    if (open.value && now.name !== "conversation") panel.current?.focus();
  }, [now.name, open.value]);
  if (!appearance.value) return null;
  return (
    <main class="pw full" tabIndex={-1} ref={panel} data-screen={now.name} inert={still}>
      {now.name === "home" && <Home />}
      {now.name === "messages" && <Messages />}
      {now.name === "activity" && <ActivityScreen />}
      {now.name === "conversation" && <ConversationScreen key={now.id} id={now.id} from={now.from} />}
    </main>
  );
}
