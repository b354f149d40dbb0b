/** The assistant's note to the team: why it passed the conversation on, and what it knew by then. */

import type { Message } from "../../../../chat/protocol";
import { Icon } from "../kit/Icon";
import { clock, full } from "../time";
import { noteParts, whyWord } from "../transcripts";
import { useDesk } from "../work";

/** Notes of the assistant are about a handover; people write the others. */
export const isHandover = ({ kind, author }: Message): boolean => kind === "note" && author.kind === "assistant";

export function HandoverNote({ conversation, message }: { conversation: string; message: Message }) {
  const { handover } = useDesk().answers.told.value.get(conversation) ?? {};
  const { reason, summary } = noteParts(message.text);
  const known = handover && reason.includes(handover.reason) ? handover : undefined;
  const isSaid = known && reason.replace(/\.$/, "") === whyWord(known.why); // the pill says it
  return (
    <section class="notebox handed" aria-label="Handed over to your team">
      <Icon name="headset" />
      <div class="grow">
        <div class="mh">
          <b>Handed over to your team</b>
          {known && <span class="pill noicon why-p">{whyWord(known.why)}</span>}
          <time dateTime={message.at} title={full(message.at)}>
            {clock(message.at)}
          </time>
        </div>
        {!isSaid && (
          <p class="reason" dir="auto">
            {reason}
          </p>
        )}
        {summary && <p dir="auto">{summary}</p>}
      </div>
    </section>
  );
}
