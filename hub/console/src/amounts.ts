/** Sums of money in whole minor units: added and compared as integers, never as floats. */

import type { Money } from "../../../chat/protocol";

const DIGITS = /^\d{1,12}(?:\.(\d{1,4}))?$/;

/** How many digits the currency has after the point: 2 for EUR, 0 for JPY, 3 for KWD. */
export function digits(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2; // a code Intl does not take
  }
}

export function money(minor: number, currency: string, places = digits(currency)): Money {
  const text = String(Math.abs(minor)).padStart(places + 1, "0");
  const whole = text.slice(0, text.length - places);
  const sign = minor < 0 ? "-" : "";
  return { minor, currency, text: sign + (places ? `${whole}.${text.slice(-places)}` : whole) };
}

/** "19,99" and "19.99" are 1999 in euros; null is not an amount of that currency. */
export function toMinor(typed: string, currency: string): number | null {
  const text = typed.trim().replace(",", ".");
  const found = DIGITS.exec(text);
  const places = digits(currency);
  const fraction = found?.[1] ?? "";
  if (!found || fraction.length > places) return null;
  return Number(text.split(".")[0]! + fraction.padEnd(places, "0"));
}

/** A line's share of its total for `part` of `whole` pieces, rounded down to the minor unit. */
export function portion(total: Money, part: number, whole: number): Money {
  const minor = whole > 0 ? Math.floor((total.minor * part) / whole) : 0;
  return money(minor, total.currency, places(total));
}

/** The sum of amounts in one currency; null of none. */
export function sum(amounts: readonly Money[]): Money | null {
  const first = amounts[0];
  if (!first) return null;
  const total = amounts.reduce((so_far, one) => so_far + one.minor, 0);
  return money(total, first.currency, places(first));
}

const places = (amount: Money): number => amount.text.split(".")[1]?.length ?? 0;
