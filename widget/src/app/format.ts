/** Times and money as the visitor's language writes them. */

import type { Money, Record as Activity } from "../../../chat/protocol";
import { language, minute, words } from "./state";

const MINUTE = 60_000;
const DAY = 86_400_000;

const locale = (): string => language.value.locale;

/** "14:02" */
export function clock(at: string): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(new Date(at));
}

/** "Today", "Yesterday", "8 Nov", "8 Nov 2024" */
export function day(at: string): string {
  const date = new Date(at);
  const ago = daysAgo(date);
  if (ago === 0 || ago === 1) {
    return capital(new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-ago, "day"));
  }
  const isThisYear = date.getFullYear() === new Date(minute.value).getFullYear();
  return new Intl.DateTimeFormat(locale(), {
    day: "numeric",
    month: "short",
    ...(!isThisYear && { year: "numeric" }),
  }).format(date);
}

/** "29 Nov": the last day of something, never "today", which is over before it is read. */
export function until(at: string): string {
  const date = new Date(at);
  const isThisYear = date.getFullYear() === new Date(minute.value).getFullYear();
  const year = isThisYear ? {} : { year: "numeric" as const };
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "short", ...year }).format(date);
}

/** "12.5" as the visitor's language writes it: 12.5%, 12,5 %. */
export function percent(text: string): string {
  const format = new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 2 });
  return format.format(Number(text) / 100);
}

/** "Now", "2 min", "3 hr", then the day */
export function ago(at: string): string {
  const past = Math.max(0, minute.value - Date.parse(at));
  if (past < MINUTE) return words().now;
  if (past < 60 * MINUTE) return unit(past / MINUTE, "minute");
  if (daysAgo(new Date(at)) === 0) return unit(past / (60 * MINUTE), "hour");
  return day(at);
}

/** Exact, with the digits its currency has: €19.99, ¥12,400, KWD 214.750. */
export function money({ text, currency }: Money): string {
  try {
    const format = new Intl.NumberFormat(locale(), { style: "currency", currency });
    return format.format(text as Intl.StringNumericLiteral); // a decimal string is not rounded on the way
  } catch {
    return `${text} ${currency}`; // not a currency the browser knows
  }
}

/** The word the shop uses, readable: "on-hold" is "On hold". */
export function statusWord(status: string): string {
  return capital(status.replace(/[_-]+/g, " ").trim());
}

export function title({ title, kind, reference }: Activity): string {
  return title || `${words().kinds[kind]} ${reference}`;
}

export function initials(name: string): string {
  const parts = name.split(/[\s.]+/).filter((part) => /^[\p{L}\p{N}]/u.test(part));
  const letters = parts.length > 1 ? [parts[0]!, parts.at(-1)!].map((part) => [...part][0]) : [...(parts[0] ?? "")].slice(0, 2);
  return letters.join("").toLocaleUpperCase(locale());
}

function daysAgo(date: Date): number {
  const midnight = (time: Date): number => new Date(time).setHours(0, 0, 0, 0);
  return Math.round((midnight(new Date(minute.value)) - midnight(date)) / DAY);
}

function unit(value: number, name: string): string {
  return new Intl.NumberFormat(locale(), { style: "unit", unit: name, unitDisplay: "short" }).format(Math.floor(value));
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);
}
