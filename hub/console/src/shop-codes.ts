/** The codes that the shops' own staff made: to look up, never to change. */

import type { Money, Tone } from "../../../chat/protocol";
import { get } from "./http";
import type { IconName } from "./kit/icons";
import { amount } from "./money";
import { count } from "./shops";
import { day } from "./time";

export type ShopCodeKind = "percent" | "cart" | "product" | "shipping" | "other";
export type ShopCodeState = "active" | "scheduled" | "expired" | "used_up" | "off";

export interface ShopCode {
  id: string;
  code: string;
  title: string;
  store: string;
  kind: ShopCodeKind;
  percent: string;
  amount: Money | null;
  minimum: Money | null;
  free_shipping: boolean;
  starts_at: string | null;
  expires_at: string | null;
  usage_limit: number | null;
  used: number;
  personal: boolean;
  restricted: boolean;
  state: ShopCodeState;
}

export interface ShopCodes {
  items: ShopCode[];
  next: string | null;
}

export function shopCodes(q: string, after = "", signal?: AbortSignal): Promise<ShopCodes> {
  const query = new URLSearchParams({ ...(q && { q }), ...(after && { after }) });
  return get(`/console/api/shop-codes${query.size ? `?${query}` : ""}`, signal);
}

export const SHOP_CODE_STATES: {
  readonly [state in ShopCodeState]: { word: string; tone: Tone; glyph: IconName };
} = {
  active: { word: "Active", tone: "positive", glyph: "check" },
  scheduled: { word: "Scheduled", tone: "info", glyph: "clock" },
  expired: { word: "Expired", tone: "neutral", glyph: "clock" },
  used_up: { word: "Used up", tone: "neutral", glyph: "check" },
  off: { word: "Off", tone: "neutral", glyph: "x" },
};

/** What a code takes off: "10% off", "€5.00 off the order", "Free shipping". */
export function gives(code: ShopCode): string {
  const off = what(code);
  const also = code.free_shipping && code.kind !== "shipping" ? ", free shipping" : "";
  return `${off}${also}`;
}

function what({ kind, percent, amount: off }: ShopCode): string {
  if (kind === "shipping") return "Free shipping";
  if (kind === "percent" && percent) return `${percent}% off`;
  if (kind === "cart" && off) return `${amount(off)} off the order`;
  if (kind === "product" && off) return `${amount(off)} off a product`;
  return "Something of its own";
}

/** Who may use it and on what: "Only orders from €20.00, certain products"; often nothing. */
export function terms({ minimum, personal, restricted }: ShopCode): string {
  const said = [
    minimum && `orders from ${amount(minimum)}`,
    restricted && "certain products",
    personal && "certain addresses",
  ];
  const limits = said.filter(Boolean).join(", ");
  return limits && `Only ${limits}`;
}

export function until({ state, starts_at, expires_at }: ShopCode, now = new Date()): string {
  if (state === "scheduled" && starts_at) return `from ${day(starts_at, now)}`;
  return expires_at ? day(expires_at, now) : "no end";
}

export const uses = ({ used, usage_limit }: ShopCode): string =>
  usage_limit === null ? count(used) : `${count(used)} of ${count(usage_limit)}`;
