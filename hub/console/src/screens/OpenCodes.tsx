/** Above the composer: codes of this conversation that wait, or that did not come about. */

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { DiscountView } from "../../../../chat/protocol";
import { STATES, worth } from "../discounts";
import { Icon } from "../kit/Icon";
import { now } from "../kit/now";
import { useDesk } from "../work";

const SHOWN = new Set(["waiting", "reserved", "declined", "failed"]);
const OVER = new Set(["declined", "failed"]);

/** Bad news that was read; it is told once. */
const read = signal<ReadonlySet<string>>(new Set());

export function OpenCodes({ conversation }: { conversation: string }) {
  const { codes, approvals } = useDesk();
  useEffect(() => approvals.want(), [approvals]);
  const waiting = approvals.loaded.value;
  const all = new Map<string, DiscountView>();
  if (waiting.state === "ready") for (const one of waiting.value) if (one.what === "discount") all.set(one.id, one.discount);
  for (const [id, view] of codes.known.value) all.set(id, view);
  const at = now.value.getTime();
  const shown = [...all.values()].filter(
    (view) => view.conversation === conversation && SHOWN.has(view.state) && !read.value.has(view.id) && !isBrief(view, at),
  );
  if (shown.length === 0) return null;
  return (
    <ul class="codes" role="status">
      {shown.map((view) => (
        <li key={view.id} class={`notice ${view.state === "failed" ? "negative" : view.state === "declined" ? "" : "warning"}`}>
          <Icon name={STATES[view.state].glyph} size={16} />
          <p class="grow">
            <b>
              <bdi>{worth(view)}</bdi> off: {SAYS[view.state]}
            </b>{" "}
            {says(view)}
          </p>
          {OVER.has(view.state) && (
            <button
              type="button"
              class="btn ghost sm icon"
              aria-label="Close"
              onClick={() => (read.value = new Set([...read.value, view.id]))}
            >
              <Icon name="x" size={14} />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** A shop makes a code within a second or two: not worth moving the page for. */
const isBrief = ({ state, updated_at }: DiscountView, at: number): boolean =>
  state === "reserved" && at - Date.parse(updated_at) < 5_000;

const SAYS: { readonly [state: string]: string } = {
  waiting: "waits for an admin.",
  reserved: "the shop is making the code.",
  declined: "declined.",
  failed: "the shop made no code.",
};

function says({ state, verdict, approval }: DiscountView): string {
  if (state === "declined") return [approval?.by && `By ${approval.by}.`, approval?.reason].filter(Boolean).join(" ");
  return verdict;
}
