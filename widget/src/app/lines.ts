/** A conversation as the lines of its log: days, who speaks, bubbles, and how far each of ours has come. */

import type { Author, Message } from "../../../chat/protocol";
import type { Outgoing } from "./outbox";

export type Delivery = "sending" | "waiting" | "failed" | "sent" | "seen";

export interface Bubble {
  type: "bubble";
  key: string;
  message: Message;
  mine: boolean;
  first: boolean; // of those said in one go
  last: boolean;
  delivery: Delivery | null;
}

export type Line =
  | { type: "day"; key: string; at: string }
  | { type: "by"; key: string; author: Author; at: string }
  | { type: "event"; key: string; text: string }
  | { type: "meta"; key: string; id: string; delivery: Delivery; at: string }
  | Bubble;

const PAUSE = 5 * 60_000; // after it, the same person begins anew

interface Said {
  message: Message;
  delivery: Delivery | null; // null: theirs
}

export function toLines(
  messages: readonly Message[],
  outgoing: readonly Outgoing[],
  seen: number, // an agent has read up to here
  isOnline: boolean,
): Line[] {
  const known = new Set(messages.map((message) => message.id));
  const waiting: Delivery = isOnline ? "sending" : "waiting";
  const all: Said[] = messages.map((message) => ({ message, delivery: delivery(message, seen) }));
  for (const entry of outgoing.filter(({ frame }) => !known.has(frame.id))) {
    const said: Said = { message: asMessage(entry), delivery: entry.failed ? "failed" : waiting };
    // What was refused stays where it was said; what is on its way will be the newest.
    const later = entry.failed ? all.findIndex(({ message }) => Date.parse(message.at) > entry.at) : -1;
    all.splice(later < 0 ? all.length : later, 0, said);
  }
  return all.flatMap((said, index) => linesOf(said, all[index - 1], all[index + 1]));
}

function linesOf({ message, delivery }: Said, before: Said | undefined, after: Said | undefined): Line[] {
  const lines: Line[] = [];
  const key = message.id;
  if (!before || !sameDay(before.message, message)) lines.push({ type: "day", key: `day ${key}`, at: message.at });
  if (message.kind === "event") return [...lines, { type: "event", key, text: message.text }];
  const mine = message.author.kind === "visitor";
  const first = !before || !inOneGo(before.message, message);
  const last = !after || !inOneGo(message, after.message);
  if (first && !mine) lines.push({ type: "by", key: `by ${key}`, author: message.author, at: message.at });
  lines.push({ type: "bubble", key, message, mine, first, last, delivery });
  // Under the last of ours, and wherever the next has come less far.
  if (delivery && (last || after?.delivery !== delivery)) {
    lines.push({ type: "meta", key: `meta ${key}`, id: key, delivery, at: message.at });
  }
  return lines;
}

function delivery({ author, seq }: Message, seen: number): Delivery | null {
  if (author.kind !== "visitor") return null;
  return seq <= seen ? "seen" : "sent";
}

function asMessage({ frame, at }: Outgoing): Message {
  const author = { kind: "visitor" as const, id: "", name: "", avatar_url: "" };
  return { id: frame.id, seq: 0, author, kind: "text", text: frame.text, at: new Date(at).toISOString(), cards: [] };
}

function inOneGo(one: Message, next: Message): boolean {
  const same = one.author.kind === next.author.kind && (one.author.kind === "visitor" || one.author.id === next.author.id);
  const soon = Date.parse(next.at) - Date.parse(one.at) < PAUSE;
  return same && soon && one.kind === next.kind && sameDay(one, next);
}

function sameDay(one: Message, next: Message): boolean {
  return new Date(one.at).toDateString() === new Date(next.at).toDateString();
}
