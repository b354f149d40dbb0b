/** The assistant in a conversation: its face, how an answer came about, and what it writes now. */

import { useEffect } from "preact/hooks";
import { Icon } from "../kit/Icon";
import { useDesk } from "../work";
import { ToolTranscript } from "./ToolTranscript";

export function Bot() {
  return (
    <span class="av bot av-28" aria-hidden="true">
      <Icon name="spark" size={17} />
    </span>
  );
}

/** How an answer came about; asked for when the first answer of a conversation comes into view. */
export function Worked({ conversation, message }: { conversation: string; message: string }) {
  const { answers } = useDesk();
  useEffect(() => answers.wantTold(conversation), [answers, conversation]);
  const transcript = answers.transcript(conversation, message);
  return transcript ? <ToolTranscript transcript={transcript} /> : null;
}

/** What the assistant is writing, each sentence as soon as it is checked. */
export function AssistantNow({ conversation }: { conversation: string }) {
  const desk = useDesk();
  const writing = desk.answers.writing.value.get(conversation);
  const typing = desk.presence.typing.value.get(conversation)?.who === "assistant";
  if (!writing && !typing) return null;
  return (
    <div class="msg us">
      <Bot />
      <div class="mb">
        {writing ? (
          <div class="bubble ai" dir="auto">
            {writing.text}
            <span class="caret" aria-hidden="true" />
          </div>
        ) : (
          <div class="bubble ai dots" role="status">
            <span class="sr">The assistant is writing</span>
            <i />
            <i />
            <i />
          </div>
        )}
      </div>
    </div>
  );
}
