/** Offers a discount from the composer: within the policy at once, above its limit with an admin's word. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { newId } from "../../../../widget/src/app/id";
import { digits, toMinor } from "../amounts";
import { compare, issue, judgeAmount, judgePercent, type Offer, offer, type Verdict } from "../discounts";
import { words } from "../http";
import { Segmented } from "../kit/Choice";
import { Field } from "../kit/Field";
import { Icon } from "../kit/Icon";
import { Popover } from "../kit/Popover";
import { Select } from "../kit/Select";
import { Skeleton } from "../kit/States";
import { useLoaded } from "../loaded";
import { amount as said } from "../money";
import { firstName } from "../person";
import { address } from "../router";
import { offering } from "../shortcuts";
import { count } from "../shops";
import { done } from "../toast";
import { useDesk } from "../work";

interface Props {
  conversation: string;
  name: string;
}

export function DiscountButton({ conversation, name }: Props) {
  const anchor = useRef<HTMLSpanElement>(null);
  useEffect(
    () =>
      offering.subscribe((asked) => {
        if (!asked) return;
        offering.value = false;
        anchor.current?.querySelector<HTMLElement>(":popover-open") ?? anchor.current?.querySelector("button")?.click();
      }),
    [],
  );
  return (
    <span ref={anchor} class="ins-d">
      <Popover
        button={<Icon name="tag" />}
        label="Offer a discount"
        title="Offer a discount (Alt D)"
        class="btn ghost icon"
        panel="offer"
        role="dialog"
      >
        {(close) => <Panel conversation={conversation} name={name} close={close} />}
      </Popover>
    </span>
  );
}

interface PanelProps extends Props {
  close: () => void;
}

function Panel({ conversation, name, close }: PanelProps) {
  const loading = useLoaded(() => offer(conversation));
  const at = loading.at.value;
  return (
    <>
      <h3>Offer a discount</h3>
      {at.state === "loading" && <Skeleton rows={2} />}
      {at.state === "failed" && (
        <div class="notice negative" role="alert">
          <Icon name="alert" size={16} />
          <p class="grow">{at.problem}</p>
          <button type="button" class="linkish" onClick={() => loading.load()}>
            Try again
          </button>
        </div>
      )}
      {at.state === "ready" &&
        (at.value.refused ? (
          <Refused why={at.value.refused} close={close} />
        ) : (
          <Form given={at.value} conversation={conversation} name={name} close={close} />
        ))}
    </>
  );
}

function Refused({ why, close }: { why: string; close: () => void }) {
  return (
    <>
      <div class="notice warning" role="status">
        <Icon name="lock" size={16} />
        <p>{why}</p>
      </div>
      <div class="flex offer-b">
        <a class="btn" href={address({ screen: "settings", page: "discounts" })}>
          See the policy
        </a>
        <button type="button" class="btn" onClick={close}>
          Close
        </button>
      </div>
    </>
  );
}

type Kind = "percent" | "amount";

const KINDS = [
  { value: "percent", label: "Percent" },
  { value: "amount", label: "Amount" },
] as const;

const COMFORT = "10"; // per cent, where the policy lets more

interface FormProps extends PanelProps {
  given: Offer;
}

function Form({ given, conversation, name, close }: FormProps) {
  const desk = useDesk();
  const id = useMemo(newId, []); // the same offer tried again is one discount
  const byPercent = compare(given.ceiling_percent, "0") > 0;
  const [kind, setKind] = useState<Kind>(byPercent ? "percent" : "amount");
  const [percent, setPercent] = useState(() => start(given));
  const [off, setOff] = useState("");
  const [days, setDays] = useState(String(given.valid_days));
  const [shop, setShop] = useState(given.connections[0]?.id ?? "");
  const [reason, setReason] = useState("");
  const [refused, setRefused] = useState("");
  const [busy, setBusy] = useState(false);
  const minor = toMinor(off, given.currency);
  const verdict = kind === "percent" ? judgePercent(percent, given) : judgeAmount(minor, given);
  const typed = kind === "percent" ? percent : off;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLInputElement>("input")?.focus(), [kind]); // it came after the panel had opened
  const wrong = verdict.may === "no" && typed.trim() !== "" ? verdict.why : undefined;

  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (verdict.may === "no") return;
    setBusy(true);
    setRefused("");
    try {
      const worth = kind === "percent" ? { percent: dotted(percent) } : { amount: dotted(off), currency: given.currency };
      const view = await issue({ id, conversation, ...worth, valid_days: Number(days), connection: shop, reason: reason.trim() });
      desk.codes.put(view);
      desk.approvals.discount(view);
      if (view.state === "issued") done(`${view.code} is in the conversation`);
      if (view.state === "waiting") done("An admin was asked. You will see it here.");
      close();
    } catch (error) {
      setRefused(words(error));
      setBusy(false);
    }
  };

  return (
    <form ref={form} onSubmit={send} noValidate>
      {byPercent && given.ceiling_amount && <Segmented label="Kind of discount" value={kind} options={KINDS} onChange={setKind} />}
      <div class="g2">
        {kind === "percent" ? (
          <Field label="Percent" value={percent} onText={setPercent} inputMode="numeric" after="%" maxLength={6} problem={wrong} />
        ) : (
          <Field
            label="Amount"
            value={off}
            onText={setOff}
            after={given.currency}
            maxLength={12}
            placeholder={digits(given.currency) ? "5.00" : "500"}
            problem={wrong}
          />
        )}
        <Select label="Valid for" value={days} options={validFor(given.valid_days)} onPick={setDays} />
      </div>
      {given.connections.length > 1 && (
        <Select label="In which shop" value={shop} options={given.connections.map((one) => ({ value: one.id, label: one.title }))} onPick={setShop} />
      )}
      <Field label="Reason" value={reason} onText={setReason} maxLength={500} placeholder="For your team and the ledger" />
      <p class="hint">{terms(given, name, shop)}</p>
      <Limits given={given} kind={kind} verdict={verdict} />
      {refused && (
        <div class="notice negative" role="alert">
          <Icon name="alert" size={16} />
          <p>{refused}</p>
        </div>
      )}
      <div class="flex offer-b">
        <button type="button" class="btn" onClick={close}>
          Cancel
        </button>
        <button type="submit" class="btn primary" disabled={busy || verdict.may === "no"}>
          {busy && <span class="spin" />}
          {verdict.may === "ask" ? "Ask for approval" : "Issue code"}
        </button>
      </div>
    </form>
  );
}

const dotted = (text: string): string => text.trim().replace(",", ".");

/** What is given without asking anybody, but not more than one would give off-hand. */
function start({ ceiling_percent, approval_above_percent, needs_approval }: Offer): string {
  const most = needs_approval && compare(approval_above_percent, ceiling_percent) < 0 ? approval_above_percent : ceiling_percent;
  return compare(most, COMFORT) > 0 ? COMFORT : most === "0" ? "" : most;
}

function validFor(most: number): { value: string; label: string }[] {
  const days = [1, 3, 7, 14, 30, 90].filter((one) => one < most);
  return [...days, most].map((one) => ({ value: String(one), label: one === 1 ? "1 day" : `${one} days` }));
}

/** "Single use, for Amara only, orders over €40.00, on Kestrel & Clay." */
function terms(given: Offer, name: string, shop: string): string {
  const store = given.connections.find((one) => one.id === shop)?.title;
  const whose = given.customer_name || name;
  return `${[
    "Single use",
    given.bound && whose ? `for ${firstName(whose)} only` : "for whoever has the code",
    given.minimum && `orders over ${said(given.minimum)}`,
    store && `on ${store}`,
  ]
    .filter(Boolean)
    .join(", ")}.`;
}

function Limits({ given, kind, verdict }: { given: Offer; kind: Kind; verdict: Verdict }) {
  const budget = `${count(given.codes_today)} of ${count(given.codes_limit)} codes used today.`;
  if (verdict.may !== "ask") return <p class="hint">{budget}</p>;
  const above = kind === "percent" ? `${given.approval_above_percent}%` : given.approval_above_amount ? said(given.approval_above_amount) : "zero";
  const upTo = kind === "percent" ? `${given.ceiling_percent}%` : given.ceiling_amount ? said(given.ceiling_amount) : "";
  return (
    <div class="notice warning">
      <Icon name="lock" size={16} />
      <p>
        Above {above} an admin confirms first{upTo && `, up to ${upTo}`}. {budget}
      </p>
    </div>
  );
}
