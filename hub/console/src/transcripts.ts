/** How an answer of the assistant came about, in the words of the screen. */

import type { ToolStep, Transcript, Why } from "../../../chat/protocol";
import type { Look } from "./assistant";

const OUTCOMES: { readonly [outcome: string]: Look } = {
  found: { word: "Found", tone: "positive", glyph: "check" },
  nothing: { word: "Nothing found", tone: "neutral", glyph: "search" },
  verify: { word: "Held: needs a proof", tone: "warning", glyph: "lock" },
  refused: { word: "Refused", tone: "warning", glyph: "lock" },
  waiting: { word: "Waits for a person", tone: "warning", glyph: "clock" },
  person: { word: "Left to a person", tone: "warning", glyph: "headset" },
  failed: { word: "Failed", tone: "negative", glyph: "alert" },
};

/** A newer hub may know of more outcomes: those are shown by their own name. */
export const outcome = (name: string): Look => OUTCOMES[name] ?? { word: name, tone: "neutral", glyph: "info" };

/** What a step came to: in the tool's own words where it has any. */
export const stepText = (step: ToolStep): string => step.said || outcome(step.outcome).word;

/** "Looked up 3 things", or that an answer came without any. */
export function headline(steps: readonly ToolStep[]): string {
  if (steps.length === 0) return "Looked nothing up";
  return steps.length === 1 ? "Looked up 1 thing" : `Looked up ${steps.length} things`;
}

/** Whether there is anything to tell an agent beyond the words themselves. */
export const worthShowing = ({ steps, withheld }: Pick<Transcript, "steps" | "withheld">): boolean =>
  steps.length > 0 || withheld !== "";

/** The arguments as one line: `words: blue mug, max_price: 80`. Nested ones as JSON. */
export function argumentsText(given: ToolStep["arguments"]): string {
  return Object.entries(given)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(", ");
}

export const WHY: { readonly [why in Why]: string } = {
  asked: "Asked for a person",
  unsure: "Did not know",
  unhelpful: "Answers did not help",
  words: "A word of your list",
  rule: "Left to people",
  failed: "Could not answer",
  stopped: "Assistant stopped",
  budget: "Budget used up",
};

export const whyWord = (why: string): string => WHY[why as Why] ?? "Passed on";

/** A note of the assistant: its first line says why, the rest is the summary. */
export function noteParts(text: string): { reason: string; summary: string } {
  const [reason = "", ...rest] = text.trim().split("\n");
  return { reason, summary: rest.join("\n").trim() };
}
