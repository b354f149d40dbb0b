/** The inbox: conversations, the one that is open, and who is writing in it. */

import { Empty } from "../kit/States";
import { address, type InboxPlace } from "../router";
import { useDesk } from "../work";
import { ConversationList } from "./ConversationList";
import { CustomerPane } from "./CustomerPane";
import { ThreadPane } from "./ThreadPane";
import "./inbox.css";

export function InboxScreen({ at }: { at: InboxPlace }) {
  return (
    <>
      <ConversationList at={at} />
      {at.conversation ? (
        <>
          <ThreadPane key={at.conversation} at={at} conversation={at.conversation} />
          {at.customer && <a class="dscrim" href={address({ ...at, customer: false })} tabIndex={-1} aria-hidden="true" />}
          <CustomerPane at={at} />
        </>
      ) : (
        <NothingOpen />
      )}
    </>
  );
}

function NothingOpen() {
  const desk = useDesk();
  const waits = desk.inbox.waiting.value;
  return (
    <section class="pane p-thread away" aria-label="Conversation">
      <Empty icon="chat" title={waits ? `${waits} waiting` : "Pick a conversation"}>
        {waits ? "Open the first with " : "Or move through them with "}
        <kbd class="kbd">Alt</kbd> <kbd class="kbd">J</kbd>
      </Empty>
    </section>
  );
}
