/** Whether the assistant answers at all, what it does now, and the button that stops it everywhere. */

import { useState } from "preact/hooks";
import { type Assistant, type Settings, took } from "../../../assistant";
import { Confirm } from "../../../kit/Dialog";
import { Icon } from "../../../kit/Icon";
import { count } from "../../../shops";

export interface Part {
  saved: Assistant;
  may: boolean;
  keep: (change: Partial<Settings>, said: string) => Promise<void>;
}

export function KillSwitch({ saved, may, keep }: Part) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const turn = async (on: boolean): Promise<void> => {
    setBusy(true);
    await keep({ on }, on ? "The assistant answers from now on." : "The assistant is stopped everywhere.");
    setBusy(false);
    setAsking(false);
  };
  return (
    <section class="card sc kill" aria-label="Answering">
      <div class="flex kill-r">
        <span class={saved.on ? "radar" : "radar wait"}>
          <Icon name={saved.on ? "spark" : "power"} />
        </span>
        <div class="grow" role="status">
          <h3>{saved.on ? "The assistant is answering" : "The assistant is off"}</h3>
          <p class="muted">{numbers(saved)}</p>
        </div>
        {may &&
          (saved.on ? (
            <button type="button" class="btn" onClick={() => setAsking(true)}>
              <Icon name="stop" size={16} />
              Stop everywhere
            </button>
          ) : (
            <button type="button" class="btn primary" disabled={busy} onClick={() => turn(true)}>
              Turn on
            </button>
          ))}
      </div>
      <p class="hint kill-h">
        {saved.on
          ? "Stopping takes effect within a second. Open conversations go to your team with a summary, and visitors are told."
          : "People answer everything. Once it is on, it answers new conversations, and those it has had before."}
      </p>
      {asking && (
        <Confirm
          title="Stop the assistant everywhere?"
          about={`It falls silent within a second${saved.answering_now ? `, in ${conversations(saved.answering_now)}` : ""}. They go to your team with a summary, and visitors are told.`}
          action="Stop everywhere"
          busy={busy}
          onConfirm={() => void turn(false)}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}

const conversations = (many: number): string => `${count(many)} ${many === 1 ? "conversation" : "conversations"}`;

/** "in 6 conversations now, 214 answers today. Median answer 1.1 s." */
function numbers({ on, answering_now, usage }: Assistant): string {
  const today = `${count(usage.answers)} ${usage.answers === 1 ? "answer" : "answers"} today`;
  const handed = usage.handovers ? `, ${count(usage.handovers)} handed over` : "";
  const median = usage.median_ms === null || usage.answers === 0 ? "" : ` Median answer ${took(usage.median_ms)}.`;
  return on ? `in ${conversations(answering_now)} now, ${today}${handed}.${median}` : `${today}${handed}.${median}`;
}
