/** The customer's latest order as the shop has it now: what is in it, where it is, and what can be done. */

import { useEffect, useState } from "preact/hooks";
import type { ActionView, OrderLine, Tracking } from "../../../../chat/protocol";
import { webAddress } from "../address";
import { lineAmount } from "../orders";
import { words } from "../http";
import { Icon } from "../kit/Icon";
import { Menu } from "../kit/Menu";
import { Money } from "../kit/Money";
import { now } from "../kit/now";
import { SourceMark } from "../kit/SourceMark";
import { StatusPill } from "../kit/StatusPill";
import type { Loaded } from "../loaded";
import { amount } from "../money";
import { type CustomerOrders, type LiveOrder, ordersOf } from "../orders";
import { source } from "../source";
import { day, full } from "../time";
import { statusWord } from "../tone";
import { useDesk } from "../work";
import { CancelDialog } from "./CancelDialog";
import { Picture } from "./ProductCards";
import { RefundDialog } from "./RefundDialog";
import "./orders.css";

interface Props {
  customer: string;
  name: string;
  source: string; // of the customer
  expected: boolean; // their timeline has an order
}

const SOON = 600; // several events of one order are one question

export function OrderPanel({ customer, name, source: from, expected }: Props) {
  const { at, load } = useOrders(customer);
  const [shown, setShown] = useState<string | null>(null);
  if (at.state === "loading") return expected ? <Waiting /> : null;
  if (at.state === "failed") return <Untold why={at.problem} load={load} />;
  const { items, problem } = at.value;
  const order = items.find((one) => one.reference === shown) ?? items[0];
  if (!order) return problem ? <Untold why={problem} load={load} /> : null;
  return (
    <section class="cs" aria-label="Orders">
      <h3>
        {order === items[0] ? "Latest order" : "Order"}
        {items.length > 1 && (
          <span class="end">
            <Menu
              class="linkish"
              align="end"
              label={`All ${items.length} orders`}
              button={`All ${items.length}`}
              items={items.map((one) => ({
                label: [one.number, day(one.placed_at, now.value), one.total && amount(one.total)].filter(Boolean).join(", "),
                checked: one === order,
                pick: () => setShown(one.reference),
              }))}
            />
          </span>
        )}
      </h3>
      <OrderCard key={order.reference} order={order} name={name} source={from} load={load} />
      {problem && <p class="hint">{problem}</p>}
    </section>
  );
}

function useOrders(customer: string): { at: Loaded<CustomerOrders>; load: () => void } {
  const { news } = useDesk();
  const [at, setAt] = useState<Loaded<CustomerOrders>>({ state: "loading" });
  const [again, setAgain] = useState(0);
  useEffect(() => {
    let current = true;
    let soon: ReturnType<typeof setTimeout> | undefined;
    const ask = (): void => {
      ordersOf(customer).then(
        (value) => current && setAt({ state: "ready", value }),
        (error) => current && setAt((known) => (known.state === "ready" ? known : { state: "failed", problem: words(error) })),
      );
    };
    ask();
    const stop = news.subscribe((event) => {
      const order = event?.type === "RecordChanged" && event.record.kind === "order" && event.customer === customer;
      const deed = event?.type === "ActionChanged" && event.action.customer === customer;
      if (!order && !deed) return;
      clearTimeout(soon);
      soon = setTimeout(ask, SOON);
    });
    return () => {
      current = false;
      clearTimeout(soon);
      stop();
    };
  }, [customer, again]);
  return { at, load: () => setAgain(again + 1) };
}

function Waiting() {
  return (
    <section class="cs" aria-label="Orders" aria-busy="true">
      <h3>Latest order</h3>
      <div class="oc late" aria-hidden="true">
        <span class="sk short" />
        {[1, 2].map((row) => (
          <span class="flex oc-w" key={row}>
            <span class="sk pic" />
            <span class="sk" />
          </span>
        ))}
      </div>
    </section>
  );
}

function Untold({ why, load }: { why: string; load: () => void }) {
  return (
    <section class="cs" aria-label="Orders">
      <h3>Latest order</h3>
      <div class="oc untold" role="status">
        <p class="muted">{why}</p>
        <button type="button" class="btn sm" onClick={load}>
          <Icon name="sync" size={14} />
          Try again
        </button>
      </div>
    </section>
  );
}

interface CardProps {
  order: LiveOrder;
  name: string;
  source: string;
  load: () => void;
}

function OrderCard({ order, name, source: from, load }: CardProps) {
  const desk = useDesk();
  const [asking, setAsking] = useState<"refund" | "cancel" | null>(null);
  const admin = webAddress(order.admin_url);
  const open = order.record ? openDeeds(desk.deeds.open(order.record)) : [];
  const may = (what: "refund" | "cancel"): boolean => order.record !== null && order.actions.includes(what);
  const close = (): void => setAsking(null);
  const acted = (): void => {
    close();
    load();
    void desk.customer.load();
  };
  return (
    <div class="oc">
      <div class="flex between">
        <span class="flex oc-n">
          <SourceMark source={from} />
          <b class="clip">
            <bdi>{order.number}</bdi>
          </b>
        </span>
        {order.cancelled_at ? <StatusPill status="cancelled" tone="negative" /> : <StatusPill status={order.fulfilment} tone={order.fulfilment_tone} />}
      </div>
      <ul class="ol">
        {order.lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </ul>
      {order.more_lines && <p class="quiet-t more-l">More lines are in the shop.</p>}
      <div class="tot">
        <span class="muted" title={full(order.placed_at)}>
          {paid(order)}
        </span>
        {order.total && (
          <b>
            <Money money={order.total} />
          </b>
        )}
      </div>
      {order.refunded && order.refunded.minor > 0 && (
        <div class="tot">
          <span class="muted">Refunded</span>
          <Money money={order.refunded} />
        </div>
      )}
      {order.parcels.map((parcel) => (
        <Parcel key={`${parcel.company} ${parcel.number}`} parcel={parcel} />
      ))}
      {open.map((deed) => (
        <Deed key={deed.id} deed={deed} />
      ))}
      <div class="flex wrap oc-b">
        {may("refund") && (
          <button type="button" class="btn sm" onClick={() => setAsking("refund")}>
            <Icon name="refund" size={14} />
            Refund…
          </button>
        )}
        {may("cancel") && (
          <button type="button" class="btn sm" onClick={() => setAsking("cancel")}>
            <Icon name="x" size={14} />
            Cancel…
          </button>
        )}
        {admin && (
          <a class="btn sm" href={admin} target="_blank" rel="noopener noreferrer">
            <Icon name="link" size={14} />
            Open in {source(from.split(":")[0]!).name}
          </a>
        )}
      </div>
      {asking === "refund" && <RefundDialog order={order} name={name} onDone={acted} onClose={close} />}
      {asking === "cancel" && <CancelDialog order={order} onDone={acted} onClose={close} />}
    </div>
  );
}

const openDeeds = (all: ActionView[]): ActionView[] => all.filter(({ state }) => state !== "declined" && state !== "failed");

/** "Paid with Visa, 14 Nov": the shop's word for the payment; what went back has a row of its own. */
function paid({ payment, paid_with, placed_at, refunded }: LiveOrder): string {
  const word = refunded?.minor ? "Paid" : statusWord(payment);
  const by = paid_with && statusWord(paid_with);
  const how = by && word === "Paid" ? `Paid with ${by}` : [word, by].filter(Boolean).join(", ");
  return [how, day(placed_at, now.value)].filter(Boolean).join(", ");
}

function Line({ line }: { line: OrderLine }) {
  const each = line.quantity > 1 && line.total && line.total.minor % line.quantity === 0 ? lineAmount(line, 1) : null;
  const many = line.quantity > 1 ? (each ? `${line.quantity} × ${amount(each)}` : `${line.quantity} pieces`) : "";
  const about = [line.detail, many].filter(Boolean).join(", ");
  return (
    <li>
      <Picture url={line.image_url} />
      <span class="grow">
        <span class="clip" title={line.title}>
          {line.title}
        </span>
        {about && <span class="quiet-t clip">{about}</span>}
      </span>
      {line.total && <Money money={line.total} />}
    </li>
  );
}

function Parcel({ parcel }: { parcel: Tracking }) {
  const url = webAddress(parcel.url);
  const name = parcel.company || "Parcel";
  const at = parcel.delivered_at ?? parcel.expected_at;
  const when = at && `${parcel.delivered_at ? "delivered" : "expected"} ${day(at, now.value)}`;
  return (
    <div class="tot">
      <span class="muted clip">{[name, statusWord(parcel.status).toLowerCase(), when].filter(Boolean).join(", ")}</span>
      {url ? (
        <a class="num clip" href={url} target="_blank" rel="noopener noreferrer">
          <bdi>{parcel.number || "Track it"}</bdi>
        </a>
      ) : (
        <bdi class="num clip">{parcel.number}</bdi>
      )}
    </div>
  );
}

function Deed({ deed }: { deed: ActionView }) {
  const what = deed.kind === "refund" ? "A refund" : "A cancellation";
  const sum = deed.amount ? ` of ${amount(deed.amount)}` : "";
  return (
    <p class="deed" role="status">
      <Icon name={deed.state === "waiting" ? "lock" : "clock"} size={14} />
      {what}
      {sum} {deed.state === "waiting" ? "waits for an admin." : "is on its way."}
    </p>
  );
}
