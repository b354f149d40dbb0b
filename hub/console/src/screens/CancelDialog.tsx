/** Cancels an order: what happens to the money, the stock and the customer's mailbox. */

import { useMemo, useState } from "preact/hooks";
import { newId } from "../../../../widget/src/app/id";
import { Refusal, words } from "../http";
import { Confirm } from "../kit/Dialog";
import { Field } from "../kit/Field";
import { amount } from "../money";
import { act, type LiveOrder, left } from "../orders";
import { done } from "../toast";
import { useDesk } from "../work";

interface Props {
  order: LiveOrder;
  onDone: () => void;
  onClose: () => void;
}

export function CancelDialog({ order, onDone, onClose }: Props) {
  const { deeds, approvals } = useDesk();
  const [choice, setChoice] = useState({ refund: true, restock: true, notify: true });
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const id = useMemo(newId, [choice, reason]); // the same deed tried again is one
  const money = left(order);

  const cancel = async (): Promise<void> => {
    setBusy(true);
    setRefused("");
    try {
      const view = await act({ id, record: order.record!, kind: "cancel", ...choice, reason: reason.trim() });
      deeds.put(view);
      approvals.action(view);
      if (view.state === "failed") throw new Refusal(409, "failed", view.detail || "The shop refused.");
      done(view.state === "waiting" ? "An admin was asked. Nothing is cancelled before that." : view.detail || `${order.number} is cancelled`);
      onDone();
    } catch (error) {
      setRefused(words(error));
      setBusy(false);
    }
  };
  const tick = (name: keyof typeof choice, title: string, about: string) => (
    <label class="tickrow">
      <input type="checkbox" class="tickbox" checked={choice[name]} onChange={() => setChoice({ ...choice, [name]: !choice[name] })} />
      <span>
        <b>{title}</b>
        <p>{about}</p>
      </span>
    </label>
  );
  return (
    <Confirm
      title={`Cancel order ${order.number}?`}
      about="An order that is cancelled cannot be opened again."
      action="Cancel the order"
      back="Keep it"
      busy={busy}
      problem={refused}
      onConfirm={cancel}
      onClose={onClose}
    >
      <div class="stacked">
        <div class="ticks">
          {tick("refund", money ? `Give ${amount(money)} back` : "Give the money back", "In the way it was paid.")}
          {tick("restock", "Put the items back into stock", "Those that have not been sent.")}
          {tick("notify", "Tell the customer", "The shop sends them an email.")}
        </div>
        <Field label="Reason" value={reason} onText={setReason} maxLength={500} placeholder="Ordered twice" />
      </div>
    </Confirm>
  );
}
