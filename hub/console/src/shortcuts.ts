/** The keys of the console: what each does, in one table for the listener and for the sheet. */

import type { Desk } from "./desk";
import { signal } from "@preact/signals";
import { go, inboxPlace, place } from "./router";

export interface Shortcut {
  does: string;
  keys: readonly (readonly string[])[];
}

export const SHEET: readonly Shortcut[] = [
  { does: "Next, previous conversation", keys: [["Alt", "J"], ["Alt", "K"]] },
  { does: "Reply, private note", keys: [["Alt", "L"], ["Alt", "P"]] },
  { does: "Resolve", keys: [["Alt", "E"]] },
  { does: "Offer a discount", keys: [["Alt", "D"]] },
  { does: "Send, new line", keys: [["Enter"], ["Shift", "Enter"]] },
  { does: "Settings", keys: [["Alt", "S"]] },
  { does: "This sheet, close", keys: [["?"], ["Esc"]] },
];

export const sheetOpen = signal(false);

/** Asks the composer of the conversation on screen to take the focus. */
export const composing = signal<{ mode: "reply" | "note" } | null>(null);

/** Asks the composer for the focus on its button: what is written may go. */
export const sending = signal(false);

/** Asks the composer to open the offer of a discount. */
export const offering = signal(false);

type Action = (desk: Desk) => unknown;

const BY_CODE: { readonly [code: string]: Action } = {
  KeyJ: (desk) => step(desk, 1),
  KeyK: (desk) => step(desk, -1),
  KeyE: (desk) => resolve(desk),
  KeyP: () => compose("note"),
  KeyL: () => compose("reply"),
  KeyD: () => (offering.value = true),
  KeyS: () => go({ screen: "settings", page: null }),
};

/** Listens to the whole page; returns what stops it. */
export function listen(desk: Desk): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey) return;
    if (event.altKey) return onAlt(event, desk);
    if (event.key === "?" && !isTyping(event.target)) sheetOpen.value = true;
    if (event.key === "Escape") leave(event);
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

/** By place on the keyboard: with Alt held, many keyboards write other letters. */
function onAlt(event: KeyboardEvent, desk: Desk): void {
  const action = BY_CODE[event.code];
  if (!action || event.shiftKey || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  action(desk);
}

function step(desk: Desk, by: 1 | -1): void {
  const list = desk.inbox.list.value;
  const at = list.findIndex((row) => row.id === inboxPlace.value.conversation);
  const next = at < 0 ? list[0] : list[at + by];
  if (next) go({ ...inboxPlace.value, conversation: next.id, customer: false });
}

function resolve(desk: Desk): void {
  const now = place.value;
  if (now.screen === "inbox" && now.conversation) desk.setStatus(now.conversation, "resolved");
}

function compose(mode: "reply" | "note"): void {
  composing.value = { mode };
}

/** Esc leaves one thing at a time: the field, then the panel that lies over the rest. */
function leave(event: KeyboardEvent): void {
  if (document.querySelector("dialog[open], :popover-open")) return; // they close themselves
  const now = place.value;
  if (isTyping(event.target)) (event.target as HTMLElement).blur();
  else if (now.screen === "inbox" && now.customer) go({ ...now, customer: false });
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
