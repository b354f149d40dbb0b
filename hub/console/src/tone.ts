/** A record's status as the shop says it, with a glyph, so that nothing is told by colour alone. */

import type { RecordKind, Tone } from "../../../chat/protocol";
import type { IconName } from "./kit/icons";

const BY_WORD: readonly (readonly [RegExp, IconName])[] = [
  [/refund|revers|chargeback/i, "refund"],
  [/ship|transit|deliver|fulfil|dispatch/i, "truck"],
];

const BY_TONE: { readonly [tone in Tone]: IconName } = {
  positive: "check",
  warning: "clock",
  negative: "x",
  info: "info",
  neutral: "dots",
};

const BY_KIND: { readonly [kind in RecordKind]: IconName } = {
  order: "box",
  deposit: "deposit",
  withdrawal: "withdraw",
  payment: "card",
  custom: "doc",
};

/** "in_transit" is "In transit"; the words stay the shop's. */
export function statusWord(status: string): string {
  const words = status.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function statusGlyph(status: string, tone: Tone): IconName {
  if (tone === "positive") return BY_TONE.positive; // delivered is done, not on its way
  return BY_WORD.find(([word]) => word.test(status))?.[1] ?? BY_TONE[tone];
}

export const kindGlyph = (kind: RecordKind): IconName => BY_KIND[kind] ?? BY_KIND.custom;
