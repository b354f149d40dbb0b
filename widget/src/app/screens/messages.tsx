/** All conversations of this visitor, the newest first. */

import type { JSX } from "preact";
import { Band, Tabs } from "../parts/band";
import { ConversationRow } from "../parts/conversation-row";
import { Icon } from "../parts/icon";
import { Bones, State } from "../parts/states";
import { conversations, known, words } from "../state";
import { useChat } from "../use";

export function Messages(): JSX.Element {
  const said = words();
  return (
    <>
      <Band>
        <h1 class="title">{said.messages}</h1>
      </Band>
      <div class="sheet">
        <List />
      </div>
      <Tabs />
    </>
  );
}

function List(): JSX.Element {
  const { chat } = useChat();
  const { state, items } = conversations.value;
  const said = words();
  const start = (): void => chat.showNew();
  if (!items.length && known.value && /^(idle|loading)$/.test(state)) return <Bones rows={4} />;
  if (!items.length && state === "failed") {
    const retry = { text: said.retry, icon: "sync" as const, run: () => chat.refresh() };
    return <State art="cloud" title={said.messagesFailed} text={said.safe} action={retry} />;
  }
  if (!items.length) {
    return <State art="talk" title={said.noMessages} text={said.noMessagesHow} action={{ text: said.sendUs, run: start }} />;
  }
  return (
    <>
      <div class="scroll">
        <ul class="divided list">
          {items.map((one) => (
            <li key={one.id}>
              <ConversationRow one={one} from="messages" />
            </li>
          ))}
        </ul>
      </div>
      <div class="foot">
        <button class="w-btn primary grow" type="button" onClick={start}>
          <Icon name="edit" size={18} />
          {said.newConversation}
        </button>
      </div>
    </>
  );
}
