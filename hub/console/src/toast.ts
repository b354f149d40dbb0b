/** Short words at the edge of the screen: what was done, or why something was not. */

import { signal } from "@preact/signals";

export interface Toast {
  words: string;
  tone: "done" | "problem";
}

export const toast = signal<Toast | null>(null);

let clock: ReturnType<typeof setTimeout> | undefined;

export const done = (words: string): void => show({ words, tone: "done" }, 3_000);
export const problem = (words: string): void => show({ words, tone: "problem" }, 7_000);

function show(next: Toast, lasts: number): void {
  clearTimeout(clock);
  toast.value = next;
  clock = setTimeout(() => (toast.value = null), lasts);
}
