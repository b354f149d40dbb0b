/** The messages of a conversation as a log: in order, each once, with its days and its speakers. */

import type { Message } from "../../../chat/protocol";
import { dayName, sameDay } from "./time";

export type Line =
  | { type: "day"; key: string; words: string }
  | { type: "message"; key: string; message: Message; first: boolean };

const RUN = 5 * 60_000; // within five minutes the same person goes on speaking

/** The first place after which something is missing, or null: `seq` is dense. */
export function gapAfter(messages: readonly Message[]): number | null {
  for (let at = 1; at < messages.length; at += 1) {
    const before = messages[at - 1]!.seq;
    if (messages[at]!.seq > before + 1) return before;
  }
  return null;
}

/** What the log draws, top to bottom. */
export function lines(messages: readonly Message[], now = new Date()): Line[] {
  const drawn: Line[] = [];
  messages.forEach((message, at) => {
    const before = messages[at - 1];
    const newDay = !before || !sameDay(before.at, message.at);
    if (newDay) drawn.push({ type: "day", key: `day ${message.id}`, words: dayName(message.at, now) });
    const first = newDay || !goesOn(before, message);
    drawn.push({ type: "message", key: message.id, message, first });
  });
  return drawn;
}

function goesOn(before: Message, message: Message): boolean {
  return (
    before.kind === "text" &&
    message.kind === "text" &&
    before.author.kind === message.author.kind &&
    before.author.id === message.author.id &&
    Date.parse(message.at) - Date.parse(before.at) < RUN
  );
}
