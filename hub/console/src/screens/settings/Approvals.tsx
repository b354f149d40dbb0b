/** What waits for an admin: who asks for what, why it waits, and the two buttons. */

import { useEffect, useState } from "preact/hooks";
import type { Waiting } from "../../approvals";
import { approve, decline, worth } from "../../discounts";
import { words } from "../../http";
import { Avatar } from "../../kit/Avatar";
import { Dialog } from "../../kit/Dialog";
import { Field } from "../../kit/Field";
import { Icon } from "../../kit/Icon";
import { now } from "../../kit/now";
import { Skeleton } from "../../kit/States";
import { amount } from "../../money";
import { approveAction, declineAction } from "../../orders";
import { firstName, nameOf } from "../../person";
import { address, INBOX } from "../../router";
import { isAdmin } from "../../session";
import { ago } from "../../time";
import { done, problem } from "../../toast";
import { useDesk } from "../../work";

export function Approvals() {
  const { approvals } = useDesk();
  useEffect(() => approvals.want(), [approvals]);
  const at = approvals.loaded.value;
  const many = approvals.count.value;
  return (
    <section class="card sc flushc" aria-label="Waiting for approval">
      <div class="ch aps-h">
        <div class="grow">
          <h3>Waiting for approval</h3>
          {at.state === "ready" && many === 0 && <p>Nothing waits. Discounts and refunds above the limits appear here.</p>}
        </div>
        {many > 0 && <span class="pill accent noicon num">{many}</span>}
      </div>
      {at.state === "loading" && <Skeleton rows={1} />}
      {at.state === "failed" && (
        <p class="hint bad inset" role="alert">
          {at.problem}
          <button type="button" class="linkish" onClick={() => approvals.load()}>
            Try again
          </button>
        </p>
      )}
      {at.state === "ready" && many > 0 && (
        <ul>
          {at.value.map((one) => (
            <Row key={one.id} of={one} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface Told {
  title: string;
  whose: string;
  why: string;
  by: { name: string; avatar_url: string };
  conversation: string;
}

function told(of: Waiting): Told {
  if (of.what === "discount") {
    const { discount } = of;
    return {
      title: `${worth(discount)} off, single use`,
      whose: discount.customer_name && `for ${discount.customer_name}`,
      why: [discount.verdict, discount.reason && `“${discount.reason}”`].filter(Boolean).join(" "),
      by: discount.by,
      conversation: discount.conversation,
    };
  }
  const { action } = of;
  const what = action.kind === "refund" ? "Refund" : "Cancel";
  return {
    title: action.amount ? `${what} ${amount(action.amount)}` : what,
    whose: `for ${action.order.replace(/^Order /, "order ")}`,
    why: [action.detail, action.reason && `“${action.reason}”`].filter(Boolean).join(" "),
    by: action.by,
    conversation: "",
  };
}

function Row({ of }: { of: Waiting }) {
  const { me, approvals } = useDesk();
  const [busy, setBusy] = useState(false);
  const [declining, setDeclining] = useState(false);
  const { title, whose, why, by, conversation } = told(of);
  const yes = async (): Promise<void> => {
    setBusy(true);
    try {
      if (of.what === "discount") {
        const view = await approve(of.id);
        approvals.discount(view);
        if (view.state === "failed") problem(view.verdict || "The shop refused the code.");
        else done(`${title}: approved`);
      } else {
        const view = await approveAction(of.id);
        approvals.action(view);
        if (view.state === "failed") problem(view.detail || "The shop refused.");
        else done(`${title}: approved`);
      }
    } catch (error) {
      problem(words(error));
      void approvals.load();
      setBusy(false);
    }
  };
  return (
    <li class="ap">
      <Avatar name={nameOf(by.name)} url={by.avatar_url} size={32} />
      <div class="grow">
        <p>
          <b>{title}</b> <span class="muted">{whose}</span>
        </p>
        <p class="muted ap-why" dir="auto">
          {why}
        </p>
      </div>
      <span class="muted ap-by">
        {conversation ? (
          <a href={address({ ...INBOX, tab: "all", conversation })}>{firstName(by.name)}</a>
        ) : (
          firstName(by.name)
        )}
        , {ago(of.at, now.value)}
      </span>
      {isAdmin(me) && (
        <span class="flex ap-b">
          <button type="button" class="btn sm" disabled={busy} onClick={() => setDeclining(true)} aria-label={`Decline: ${title} ${whose}`}>
            Decline
          </button>
          <button type="button" class="btn sm soft" disabled={busy} onClick={yes} aria-label={`Approve: ${title} ${whose}`}>
            <Icon name="check" size={14} />
            Approve
          </button>
        </span>
      )}
      {declining && <Decline of={of} title={title} onClose={() => setDeclining(false)} />}
    </li>
  );
}

function Decline({ of, title, onClose }: { of: Waiting; title: string; onClose: () => void }) {
  const { approvals } = useDesk();
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const no = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      if (of.what === "discount") approvals.discount(await decline(of.id, reason.trim()));
      else approvals.action(await declineAction(of.id, reason.trim()));
      done("Declined");
    } catch (error) {
      setRefused(words(error));
      setBusy(false);
    }
  };
  const footer = (
    <>
      <button type="button" class="btn" onClick={onClose}>
        Cancel
      </button>
      <button type="submit" form="decline" class="btn primary" disabled={busy}>
        Decline
      </button>
    </>
  );
  return (
    <Dialog title={`Decline: ${title}`} about="Whoever asked sees your reason. The customer sees nothing." onClose={onClose} footer={footer}>
      <form id="decline" onSubmit={no}>
        <Field label="Reason" value={reason} onText={setReason} maxLength={500} autofocus placeholder="Offer 10% first" problem={refused || undefined} />
      </form>
    </Dialog>
  );
}
