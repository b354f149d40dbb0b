/** Times and money as the visitor's language writes them. */

import type { Money, Record as Activity } from "../../../chat/protocol";
import { language, minute, words } from "./state";
import { fill, type Forms } from "./words";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Arabic text with the digits that amounts, codes and the assistant's own sentences have, too. */
const locale = (): string => language.value.locale.replace(/^ar(?!.*-u-).*/, "$&-u-nu-latn");

export function number(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** A badge has room for one digit. */
export function few(count: number): string {
  return count > 9 ? `${number(9)}+` : number(count);
}

/** "1 article", "9 articles": the sentence that a language has for this number. */
export function counted(forms: Forms, count: number): string {
  const form = new Intl.PluralRules(locale()).select(count);
  return fill(forms[form] ?? forms.other, { count: number(count) });
}

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

/** "2 November", "2 November 2024" */
export function longDay(at: string): string {
  const date = new Date(at);
  const isThisYear = date.getFullYear() === new Date(minute.value).getFullYear();
  const year = isThisYear ? {} : { year: "numeric" as const };
  return new Intl.DateTimeFormat(locale(), { day: "numeric", month: "long", ...year }).format(date);
}

/** "Tue 24 Nov" */
export function weekday(at: string): string {
  return new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "short" }).format(new Date(at));
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
    const exact = format.format(text as Intl.StringNumericLiteral); // a decimal string is not rounded on the way
    if (language.value.direction === "ltr") return exact;
    return exact.replace(/[A-Z]+\p{Sc}/u, "$&\u200e"); // or "JP¥" would be read as "¥JP"
  } catch {
    return `${text} ${currency}`; // not a currency the browser knows
  }
}

/** The word the shop uses, readable: "on-hold" is "On hold"; in another language what that means. */
export function statusWord(status: string): string {
  return capital(language.value.meaning(status) || status.replace(/[_-]+/g, " ").trim());
}

export function title({ title, kind, reference }: Pick<Activity, "title" | "kind" | "reference">): string {
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
