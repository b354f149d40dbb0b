/** Who answers a conversation now, and the button that changes it. */

import { useEffect, useState } from "preact/hooks";
import type { InboxRow } from "../../../../chat/protocol";
import { type Answers, letAnswer } from "../answers";
import type { Desk } from "../desk";
import { words } from "../http";
import { Icon } from "../kit/Icon";
import type { MenuItem } from "../kit/Menu";
import { problem } from "../toast";
import { useDesk } from "../work";

/** Below the head while the assistant answers, and while a conversation it passed on waits. */
export function AnsweringStrip({ row }: { row: InboxRow }) {
  const desk = useDesk();
  useEffect(() => desk.answers.want(), [desk]);
  if (row.status === "resolved") return null;
  if (row.answering === "assistant") return <Answering row={row} />;
  return waitsForPerson(row) ? <Waits row={row} /> : null;
}

/** Nobody has taken it, although it is for people to answer. */
export const waitsForPerson = (row: InboxRow): boolean =>
  row.answering === "people" && row.assignee === null && row.status !== "resolved";

function Answering({ row }: { row: InboxRow }) {
  const desk = useDesk();
  return (
    <Strip icon="spark" look="ai" act={() => takeOver(desk, row)} action="Take over">
      <b>The assistant is answering.</b> <span class="not-phone">Your reply takes over, too.</span>
    </Strip>
  );
}

function Waits({ row }: { row: InboxRow }) {
  const desk = useDesk();
  const reason = desk.answers.told.value.get(row.id)?.handover?.reason;
  const back = mayHandBack(desk.answers, row);
  return (
    <Strip icon="headset" look="waits" act={back ? () => letAnswer(row.id, "assistant") : null} action="Hand back to the assistant">
      <b>Waits for a person.</b> {reason}
    </Strip>
  );
}

interface StripProps {
  icon: "spark" | "headset";
  look: string;
  action: string;
  act: (() => Promise<unknown>) | null;
  children: preact.ComponentChildren;
}

function Strip({ icon, look, action, act, children }: StripProps) {
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    await act?.().catch((error) => problem(words(error)));
    setBusy(false);
  };
  return (
    <div class={`answering ${look}`} role="status">
      <Icon name={icon} size={16} />
      <p class="grow">{children}</p>
      {act && (
        <button type="button" class="btn sm" disabled={busy} onClick={run}>
          {busy && <span class="spin" />}
          {action}
        </button>
      )}
    </div>
  );
}

/** From this moment on the assistant is silent, and the conversation is one's own if it was nobody's. */
async function takeOver(desk: Desk, row: InboxRow): Promise<void> {
  await letAnswer(row.id, "people");
  if (row.assignee === null) desk.assign(row.id, desk.me.agent.id);
}

const mayHandBack = (answers: Answers, row: InboxRow): boolean =>
  answers.settings.value?.on === true && row.answering !== "assistant" && row.status !== "resolved";

/** For the conversation's menu: whoever answers now gives way to the other. */
export function useAnsweringItems(row: InboxRow): MenuItem[] {
  const desk = useDesk();
  useEffect(() => desk.answers.want(), [desk]);
  const run = (act: () => Promise<unknown>) => (): void => void act().catch((error) => problem(words(error)));
  if (row.answering === "assistant") {
    return [{ label: "Take over from the assistant", icon: "person", pick: run(() => takeOver(desk, row)) }];
  }
  if (!mayHandBack(desk.answers, row)) return [];
  return [{ label: "Hand back to the assistant", icon: "spark", pick: run(() => letAnswer(row.id, "assistant")) }];
}
