/** Times as people say them: "14:06", "Yesterday", "3 min", "Today, 22 November". */

import { LOCALE } from "./locale";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const clockFormat = new Intl.DateTimeFormat(LOCALE, { hour: "numeric", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });
const dayYearFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric" });
const longDayFormat = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "long" });
const weekdayFormat = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long" });
const fullFormat = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeStyle: "short" });

export const clock = (at: string): string => clockFormat.format(new Date(at));

export const full = (at: string): string => fullFormat.format(new Date(at));

/** For lists: the time today, else the day. */
export function when(at: string, now = new Date()): string {
  const days = daysBetween(new Date(at), now);
  if (days <= 0) return clock(at);
  if (days === 1) return "Yesterday";
  return day(at, now);
}

/** A day, with its year when that is not this one. */
export function day(at: string, now = new Date()): string {
  const date = new Date(at);
  return (date.getFullYear() === now.getFullYear() ? dayFormat : dayYearFormat).format(date);
}

/** For a record's history: "today 14:05", "16 Nov 15:20". */
export function dayAndTime(at: string, now = new Date()): string {
  const days = daysBetween(new Date(at), now);
  const name = days === 0 ? "today" : days === 1 ? "yesterday" : day(at, now);
  return `${name} ${clock(at)}`;
}

/** The words on a day separator. */
export function dayName(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = daysBetween(date, now);
  if (days === 0) return `Today, ${longDayFormat.format(date)}`;
  if (days === 1) return `Yesterday, ${longDayFormat.format(date)}`;
  return date.getFullYear() === now.getFullYear() ? weekdayFormat.format(date) : dayYearFormat.format(date);
}

/** How long ago, short: "now", "8 s", "4 min", "2 h", "5 d". */
export function since(at: string, now = new Date()): string {
  const gone = Math.max(0, now.getTime() - new Date(at).getTime());
  if (gone < 5 * SECOND) return "now";
  if (gone < MINUTE) return `${Math.floor(gone / SECOND)} s`;
  if (gone < HOUR) return `${Math.floor(gone / MINUTE)} min`;
  if (gone < DAY) return `${Math.floor(gone / HOUR)} h`;
  return `${Math.floor(gone / DAY)} d`;
}

/** How long ago, in a sentence: "just now", "3 min ago", "on 8 Nov". */
export function ago(at: string, now = new Date()): string {
  const gone = now.getTime() - new Date(at).getTime();
  if (gone < 5 * SECOND) return "just now";
  if (gone < DAY) return `${since(at, now)} ago`;
  return daysBetween(new Date(at), now) === 1 ? "yesterday" : `on ${day(at, now)}`;
}

export const sameDay = (one: string, other: string): boolean =>
  daysBetween(new Date(one), new Date(other)) === 0;

/** Whole calendar days in the reader's own time zone, whatever the clocks did in between. */
function daysBetween(from: Date, to: Date): number {
  const start = (date: Date): number => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((start(to) - start(from)) / DAY);
}
