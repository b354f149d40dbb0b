/** What a conversation was about so far, for whoever comes to it now. */

import { useEffect, useState } from "preact/hooks";
import { summary } from "../aid";
import { words } from "../http";
import { CopyButton } from "../kit/Code";
import { Icon } from "../kit/Icon";
import { Popover } from "../kit/Popover";
import { Skeleton } from "../kit/States";
import { composing } from "../shortcuts";
import { useDesk } from "../work";

export function SummaryButton({ conversation }: { conversation: string }) {
  return (
    <Popover
      button={<Icon name="list" />}
      label="Summarise"
      title="Summarise"
      class="btn ghost icon"
      panel="summary"
      panelLabel="Summary"
      role="dialog"
    >
      {(close) => <Panel conversation={conversation} close={close} />}
    </Popover>
  );
}

function Panel({ conversation, close }: { conversation: string; close: () => void }) {
  const desk = useDesk();
  const [told, setTold] = useState<{ text: string } | { problem: string } | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    setTold(null);
    summary(conversation).then(
      (text) => current && setTold({ text }),
      (error) => current && setTold({ problem: words(error) }),
    );
    return () => {
      current = false;
    };
  }, [turn]);

  const toNote = (text: string): void => {
    const { note } = desk.drafts.of(conversation).value;
    desk.drafts.change(conversation, { note: note ? `${note}\n${text}` : text });
    composing.value = { mode: "note" };
    close();
  };
  return (
    <>
      <h3>Summary</h3>
      {told === null && <Skeleton rows={1} />}
      {told && "problem" in told && (
        <div class="notice negative" role="alert">
          <Icon name="alert" size={16} />
          <p class="grow">{told.problem}</p>
          <button type="button" class="linkish" onClick={() => setTurn(turn + 1)}>
            Try again
          </button>
        </div>
      )}
      {told && "text" in told && (
        <>
          <p class="sum-t" dir="auto" role="status">
            {told.text || "There is nothing to sum up yet."}
          </p>
          {told.text && (
            <div class="flex sum-b">
              <CopyButton text={told.text} class="btn sm" />
              <button type="button" class="btn sm" onClick={() => toNote(told.text)}>
                <Icon name="lock" size={14} />
                Make it a note
              </button>
            </div>
          )}
        </>
      )}
    </>
  );
}
