/** The frame around every screen: the rail, the line's state, and the page one is on. */

import { useEffect } from "preact/hooks";
import { Avatar } from "../kit/Avatar";
import { Icon, Mark } from "../kit/Icon";
import { lazily } from "../kit/Lazy";
import { address, inboxPlace, type Place, place } from "../router";
import { listen } from "../shortcuts";
import { useDesk } from "../work";
import { AccountMenu } from "./AccountMenu";
import { InboxScreen } from "./InboxScreen";
import { ShortcutSheet } from "./ShortcutSheet";
import "./shell.css";

const SettingsScreen = lazily(async () => (await import("./settings/SettingsScreen")).SettingsScreen);
const ArticlesScreen = lazily(async () => (await import("./articles/ArticlesScreen")).ArticlesScreen);

const TITLES: { readonly [screen in Place["screen"]]: string } = {
  inbox: "Inbox",
  articles: "Articles",
  settings: "Settings",
};

export function Shell() {
  const desk = useDesk();
  const now = place.value;
  const solo = (now.screen === "inbox" && now.conversation !== null) || (now.screen === "articles" && now.article !== null);
  useEffect(() => listen(desk), [desk]);
  useTitle();

  return (
    <div class={solo ? "app solo" : "app"}>
      <Rail />
      <main class="desk">
        <h1 class="sr">{TITLES[now.screen]}</h1>
        {now.screen === "inbox" && <InboxScreen at={now} />}
        {now.screen === "articles" && <ArticlesScreen at={now} />}
        {now.screen === "settings" && <SettingsScreen at={now} />}
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
      <a
        href={address({ screen: "articles", article: null })}
        onPointerEnter={ArticlesScreen.fetch}
        aria-label="Articles"
        aria-current={screen === "articles" ? "page" : undefined}
        title="Articles"
      >
        <Icon name="book" size={20} />
        <span class="rl" aria-hidden="true">
          Articles
        </span>
      </a>
      <span class="sp" />
      <a
        href={address({ screen: "settings", page: null })}
        onPointerEnter={SettingsScreen.fetch}
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
  const name = TITLES[place.value.screen];
  useEffect(() => {
    document.title = `${waits ? `(${waits}) ` : ""}${name} · ${desk.me.workspace.name}`;
  }, [waits, name]);
}
