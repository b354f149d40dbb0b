/** Orders as the shop has them now, and what agents have it do: give money back, cancel. */

import { signal } from "@preact/signals";
import type { ActionView, Money, OrderDetails, OrderLine } from "../../../chat/protocol";
import { money, portion, sum } from "./amounts";
import { get, post } from "./http";

export interface LiveOrder extends OrderDetails {
  record: string | null; // the record on the customer's timeline
  connection: string;
  store: string;
}

export interface CustomerOrders {
  items: LiveOrder[];
  problem: string; // why the shop does not tell
}

export interface Preview {
  amount: Money;
  shipping: Money;
  maximum: Money;
  needs_approval: boolean;
  limit: Money | null;
  approvers: string[];
}

export interface Wish {
  id: string; // made here: the same deed asked for twice is done once
  record: string;
  kind: "refund" | "cancel";
  lines?: { [line: string]: number };
  shipping?: boolean;
  restock?: boolean;
  notify?: boolean;
  refund?: boolean;
  reason?: string;
  amount?: Money;
}

interface Actions {
  items: ActionView[];
  next: string | null;
}

export const ordersOf = (customer: string): Promise<CustomerOrders> =>
  get(`/console/api/customers/${encodeURIComponent(customer)}/orders`);

export const preview = (record: string, lines: Lines, shipping: boolean, abort: AbortSignal): Promise<Preview> =>
  post(`/console/api/orders/${encodeURIComponent(record)}/preview`, { lines: chosen(lines), shipping }, abort);

export const act = (wish: Wish): Promise<ActionView> => post("/console/api/actions", wish);
export const waitingActions = (): Promise<Actions> => get("/console/api/actions?state=waiting");
const of = (id: string, what: string): string => `/console/api/actions/${encodeURIComponent(id)}/${what}`;
export const approveAction = (id: string): Promise<ActionView> => post(of(id, "approve"));
export const declineAction = (id: string, reason: string): Promise<ActionView> => post(of(id, "decline"), { reason });

/** How many of each line go back. */
export type Lines = { readonly [line: string]: number };

/** Only lines of which something goes back. */
export const chosen = (lines: Lines): { [line: string]: number } =>
  Object.fromEntries(Object.entries(lines).filter(([, quantity]) => quantity > 0));

export const isChosen = (lines: Lines, shipping: boolean): boolean => shipping || Object.values(lines).some((many) => many > 0);

/** A line's worth for that many pieces, as the order says; the shop's own preview decides. */
export function lineAmount(line: OrderLine, quantity: number): Money | null {
  return line.total && portion(line.total, quantity, line.quantity);
}

/** What the chosen lines come to before the shop has answered; null where a price is not known. */
export function estimate(lines: readonly OrderLine[], quantities: Lines): Money | null {
  const amounts = lines.filter((line) => quantities[line.id]).map((line) => lineAmount(line, quantities[line.id]!));
  return amounts.some((one) => one === null) ? null : sum(amounts as Money[]);
}

/** What is left of an order after earlier refunds. */
export function left({ total, refunded }: OrderDetails): Money | null {
  if (!total) return null;
  return money(Math.max(0, total.minor - (refunded?.minor ?? 0)), total.currency, total.text.split(".")[1]?.length ?? 0);
}

/** What whoever asked is told once somebody has decided; null while nobody has. */
export function outcome({ kind, state, order, detail, decision }: ActionView): { good: boolean; words: string } | null {
  if (!decision || state === "waiting" || state === "running") return null;
  const what = `the ${kind === "refund" ? "refund" : "cancellation"} of ${order.replace(/^Order /, "order ")}`;
  if (state === "done") return { good: true, words: `${decision.by} approved ${what}. ${detail}`.trim() };
  if (state === "declined") return { good: false, words: [`${decision.by} declined ${what}.`, decision.reason].filter(Boolean).join(" ") };
  return { good: false, words: `${decision.by} approved ${what}, but it failed. ${detail}`.trim() };
}

/** The newest state of every refund and cancellation heard of since the page was opened. */
export class Deeds {
  readonly known = signal<ReadonlyMap<string, ActionView>>(new Map());

  put(view: ActionView): void {
    const before = this.known.value.get(view.id);
    if (before && Date.parse(before.updated_at) > Date.parse(view.updated_at)) return;
    this.known.value = new Map(this.known.value).set(view.id, view);
  }

  /** What is not finished of an order, or just ended badly. */
  open(record: string): ActionView[] {
    return [...this.known.value.values()].filter((one) => one.record === record && one.state !== "done");
  }
}
