/** The brand's band at the top of every screen, and the section tabs at the bottom. */

import type { ComponentChildren, JSX } from "preact";
import { few, number } from "../format";
import { hasHelp, screen, unread, words, type Screen } from "../state";
import { useChat } from "../use";
import { fill } from "../words";
import { Icon, type IconName } from "./icon";

export function Close(): JSX.Element {
  const { close } = useChat();
  return (
    <button class="ib" type="button" aria-label={words().close} onClick={close}>
      <Icon name="x" />
    </button>
  );
}

export function Back({ to }: { to: Screen }): JSX.Element {
  const { chat } = useChat();
  return (
    <button class="ib" type="button" aria-label={words().back} onClick={() => chat.show(to)}>
      <Icon name="left" flip />
    </button>
  );
}

export function Band({ children }: { children: ComponentChildren }): JSX.Element {
  return (
    <header class="band">
      <div class="band-row">
        {children}
        <Close />
      </div>
    </header>
  );
}

export function Tabs(): JSX.Element {
  return (
    <nav class="tabs" aria-label={words().sections}>
      <Tab to="home" icon="home" text={words().home} />
      <Tab to="messages" icon="chat" text={words().messages} count={unread.value} />
      {hasHelp.value && <Tab to="help" icon="help" text={words().help} />}
    </nav>
  );
}

function Tab(tab: { to: "home" | "messages" | "help"; icon: IconName; text: string; count?: number }): JSX.Element {
  const { chat } = useChat();
  const { name } = screen.value;
  const current = name === tab.to || (tab.to === "help" && name === "collection") ? "page" : undefined;
  return (
    <button type="button" aria-current={current} onClick={() => chat.show({ name: tab.to })}>
      <Icon name={tab.icon} size={22} />
      <span>{tab.text}</span>
      {!!tab.count && (
        <>
          <span class="n" aria-hidden="true">{few(tab.count)}</span>
          <span class="sr">{fill(words().unread, { count: number(tab.count) })}</span>
        </>
      )}
    </button>
  );
}
