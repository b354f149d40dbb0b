/** Discounts: the policy, the day's budget, the ledger, what one conversation may be offered. */

import { signal } from "@preact/signals";
import type { DiscountState, DiscountView, HubEvent, Money, Tone } from "../../../chat/protocol";
import { get, post, put } from "./http";
import type { IconName } from "./kit/icons";
import { amount } from "./money";

export interface Policy {
  highest_percent: string;
  approval_percent: string;
  currency: string;
  highest_amount: Money | null;
  approval_amount: Money | null;
  minimum: Money | null;
  valid_days: number;
  per_customer: number;
  per_customer_days: number;
  per_conversation: number;
  codes_a_day: number;
  value_a_day: Money | null;
  assistant: boolean;
  refund_limit: Money | null;
  stopped: boolean;
  updated_at: string | null;
  updated_by: string;
}

export interface Today {
  codes: number;
  codes_limit: number;
  value: Money | null;
  value_limit: Money | null;
  stopped: boolean;
  waiting: number;
}

export interface Ledger {
  items: DiscountView[];
  next: string | null;
}

/** What a conversation may be offered; `refused` says why nothing. */
export interface Offer {
  connections: { id: string; title: string }[];
  ceiling_percent: string;
  approval_above_percent: string;
  ceiling_amount: Money | null;
  approval_above_amount: Money | null;
  currency: string;
  minimum: Money | null;
  valid_days: number;
  codes_today: number;
  codes_limit: number;
  left_today: number;
  customer_name: string;
  bound: boolean;
  needs_approval: boolean;
  refused: string;
}

export interface Wish {
  id: string;
  conversation: string;
  percent?: string;
  amount?: string;
  currency?: string;
  valid_days?: number;
  connection?: string;
  reason?: string;
}

const BASE = "/console/api/discounts";
const of = (id: string, what: string): string => `${BASE}/${encodeURIComponent(id)}/${what}`;

export const CSV = `${BASE}.csv`;
export const policy = (): Promise<Policy> => get(`${BASE}/policy`);
export const savePolicy = (changes: object): Promise<Policy> => put(`${BASE}/policy`, changes);
export const today = (): Promise<Today> => get(`${BASE}/today`);
export const stop = (on: boolean): Promise<Policy> => post(`${BASE}/${on ? "stop" : "resume"}`);
export const offer = (conversation: string): Promise<Offer> =>
  get(`${BASE}/offer?conversation=${encodeURIComponent(conversation)}`);
export const issue = (wish: Wish): Promise<DiscountView> => post(BASE, wish);
export const approve = (id: string): Promise<DiscountView> => post(of(id, "approve"));
export const decline = (id: string, reason: string): Promise<DiscountView> => post(of(id, "decline"), { reason });
export const revoke = (id: string): Promise<DiscountView> => post(of(id, "revoke"));

export function ledger(state: DiscountState | null, before = ""): Promise<Ledger> {
  const query = new URLSearchParams({ ...(state && { state }), ...(before && { before }) });
  return get(`${BASE}${query.size ? `?${query}` : ""}`);
}

export interface StateLook {
  word: string;
  tone: Tone;
  glyph: IconName;
}

export const STATES: { readonly [state in DiscountState]: StateLook } = {
  waiting: { word: "Waiting", tone: "warning", glyph: "lock" },
  reserved: { word: "Reserved", tone: "warning", glyph: "clock" },
  issued: { word: "Issued", tone: "info", glyph: "tag" },
  redeemed: { word: "Redeemed", tone: "positive", glyph: "check" },
  expired: { word: "Expired", tone: "neutral", glyph: "clock" },
  revoked: { word: "Revoked", tone: "neutral", glyph: "x" },
  declined: { word: "Declined", tone: "neutral", glyph: "x" },
  failed: { word: "Failed", tone: "negative", glyph: "alert" },
};

/** "20%" or "€5.00". */
export const worth = ({ percent, amount: off }: Pick<DiscountView, "percent" | "amount">): string =>
  off ? amount(off) : `${percent}%`;

/** How much of a budget is used: its share for the bar, and whether it is nearly gone. */
export function used(part: number, whole: number): { share: number; look: "" | "warn" | "full" } {
  if (whole <= 0) return { share: 1, look: "full" };
  const share = Math.min(1, Math.max(0, part / whole));
  return { share, look: share >= 1 ? "full" : share >= 0.8 ? "warn" : "" };
}

/** -1, 0 or 1: exact decimals compared as text, digit by digit. */
export function compare(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => {
    const [whole = "0", fraction = ""] = text.trim().replace(",", ".").split(".");
    return BigInt(whole || "0") * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
  }) as [bigint, bigint];
  return a < b ? -1 : a > b ? 1 : 0;
}

export type Verdict = { may: "issue" | "ask" } | { may: "no"; why: string };

/** What the policy says to a percentage, before the hub says it for good. */
export function judgePercent(typed: string, given: Offer): Verdict {
  if (!/^\d{1,3}([.,]\d{1,2})?$/.test(typed.trim())) return { may: "no", why: "A percentage such as 10 or 12.5." };
  if (compare(typed, "0") <= 0) return { may: "no", why: "More than 0%." };
  if (compare(typed, given.ceiling_percent) > 0) {
    return { may: "no", why: `At most ${given.ceiling_percent}%, for everyone.` };
  }
  const asks = given.needs_approval && compare(typed, given.approval_above_percent) > 0;
  return { may: asks ? "ask" : "issue" };
}

export function judgeAmount(minor: number | null, given: Offer): Verdict {
  if (minor === null || minor <= 0) return { may: "no", why: `An amount in ${given.currency}.` };
  if (given.ceiling_amount && minor > given.ceiling_amount.minor) {
    return { may: "no", why: `At most ${amount(given.ceiling_amount)}, for everyone.` };
  }
  const limit = given.approval_above_amount; // null: whatever the ceiling lets
  return { may: given.needs_approval && limit && minor > limit.minor ? "ask" : "issue" };
}

/** The newest state of every discount heard of since the page was opened. */
export class Codes {
  readonly known = signal<ReadonlyMap<string, DiscountView>>(new Map());

  hear(event: HubEvent): void {
    if (event.type === "DiscountChanged") this.put(event.discount);
  }

  put(view: DiscountView): void {
    const before = this.known.value.get(view.id);
    if (before && Date.parse(before.updated_at) > Date.parse(view.updated_at)) return;
    this.known.value = new Map(this.known.value).set(view.id, view);
  }
}
