/** The frame around every screen: the rail, the line's state, and the page one is on. */

import { useEffect } from "preact/hooks";
import { Avatar } from "../kit/Avatar";
import { Icon, Mark } from "../kit/Icon";
import { address, inboxPlace, place } from "../router";
import { listen } from "../shortcuts";
import { useDesk } from "../work";
import { AccountMenu } from "./AccountMenu";
import { InboxScreen } from "./InboxScreen";
import { SettingsScreen } from "./settings/SettingsScreen";
import { ShortcutSheet } from "./ShortcutSheet";
import "./shell.css";

export function Shell() {
  const desk = useDesk();
  const now = place.value;
  const solo = now.screen === "inbox" && now.conversation !== null;
  useEffect(() => listen(desk), [desk]);
  useTitle();

  return (
    <div class={solo ? "app solo" : "app"}>
      <Rail />
      <main class="desk">
        <h1 class="sr">{now.screen === "inbox" ? "Inbox" : "Settings"}</h1>
        {now.screen === "inbox" ? <InboxScreen at={now} /> : <SettingsScreen at={now} />}
      </main>
      <ShortcutSheet />
    </div>
  );
}

function Rail() {
  const desk = useDesk();
  const waits = desk.inbox.waiting.value;
  const { screen } = place.value;
  const { agent } = desk.me;
  const online = desk.connection.state.value === "online";
  return (
    <nav class="rail" aria-label="Main">
      <span class="logo">
        <Mark />
      </span>
      <a
        href={address({ ...inboxPlace.value, customer: false, ...(screen === "inbox" && { conversation: null }) })}
        aria-label={waits ? `Inbox, ${waits} unread` : "Inbox"}
        aria-current={screen === "inbox" ? "page" : undefined}
        title="Inbox"
      >
        <Icon name="inbox" size={20} />
        <span class="rl" aria-hidden="true">
          Inbox
        </span>
        {waits > 0 && <span class="n" data-count={waits > 99 ? "99+" : waits} aria-hidden="true" />}
      </a>
      <span class="sp" />
      <a
        href={address({ screen: "settings", page: null })}
        aria-label="Settings"
        aria-current={screen === "settings" ? "page" : undefined}
        title="Settings"
      >
        <Icon name="gear" size={20} />
        <span class="rl" aria-hidden="true">
          Settings
        </span>
      </a>
      <AccountMenu>
        <Avatar name={agent.name} url={agent.avatar_url} size={28} online={online} />
      </AccountMenu>
    </nav>
  );
}

function useTitle(): void {
  const desk = useDesk();
  const waits = desk.inbox.waiting.value;
  const name = place.value.screen === "inbox" ? "Inbox" : "Settings";
  useEffect(() => {
    document.title = `${waits ? `(${waits}) ` : ""}${name} · ${desk.me.workspace.name}`;
  }, [waits, name]);
}
