/** The whole panel: one screen at a time. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Band, Back, Tabs } from "./parts/band";
import { later } from "./parts/later";
import { Bones, State } from "./parts/states";
import { ActivityScreen } from "./screens/activity";
import { ConversationScreen } from "./screens/conversation";
import { Home } from "./screens/home";
import { Messages } from "./screens/messages";
import { appearance, keyOf, open, screen, words, type Screen } from "./state";

export function Panel({ still }: { still?: boolean }): JSX.Element | null {
  const now = screen.value;
  const key = keyOf(now);
  const panel = useRef<HTMLElement>(null);
  const before = useRef("");
  useEffect(() => {
    const from = before.current;
    before.current = key;
    if (open.value && panel.current) focusIn(panel.current, from, now);
  }, [key, open.value]);
  if (!appearance.value) return null;
  return (
    <main class="pw full" tabIndex={-1} ref={panel} data-screen={now.name} inert={still}>
      {now.name === "home" && <Home />}
      {now.name === "messages" && <Messages />}
      {now.name === "activity" && <ActivityScreen />}
      {now.name === "conversation" && <ConversationScreen key={key} id={now.id} from={now.from} />}
      {(now.name === "help" || now.name === "collection" || now.name === "article") && <Help key={key} now={now} />}
    </main>
  );
}

/**
 * A conversation gives the focus to its composer, and a search to its box. Elsewhere the reader starts at the
 * top, or, having gone back, at what they had opened.
 */
function focusIn(panel: HTMLElement, from: string, now: Screen): void {
  if (now.name === "conversation" || (now.name === "help" && now.seek)) return;
  const opened = from && panel.querySelector<HTMLElement>(`[data-key="${CSS.escape(from)}"]`);
  (opened || panel).focus();
}

const Help = later(
  async () => (await import("./help/screens")).HelpScreens,
  () => (
    <>
      <HelpBand />
      <div class="sheet">
        <Bones rows={5} />
      </div>
      <Tabs />
    </>
  ),
  (retry) => (
    <>
      <HelpBand />
      <div class="sheet">
        <State
          art="cloud"
          title={words().helpFailed}
          text={words().helpFailedHow}
          action={{ text: words().retry, icon: "sync", run: retry }}
        />
      </div>
      <Tabs />
    </>
  ),
);

function HelpBand(): JSX.Element {
  return (
    <Band>
      <Back to={{ name: "home" }} />
      <h1 class="title mid">{words().help}</h1>
    </Band>
  );
}
