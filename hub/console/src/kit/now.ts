/** The time as the screen knows it: it moves twice a minute, and everything that says "ago" with it. */

import { signal } from "@preact/signals";

export const now = signal(new Date());

setInterval(() => (now.value = new Date()), 30_000);
