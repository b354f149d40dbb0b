/** The help centre as far as every visitor needs it: whether there is one, and what is in it. */

import { ask } from "./api";
import * as state from "./state";

const FRESH = 300_000; // milliseconds an answer is good for

let fetched = 0;

export const address = (widget: string, path = ""): string => `/api/v1/widget/${encodeURIComponent(widget)}/help${path}`;

/** Fetch what is published, unless we know; a help centre that does not answer stays hidden. */
export async function fetchHelp(widget: string, locale: string): Promise<void> {
  const { state: now } = state.help.peek();
  if (now === "loading" || (now === "ready" && Date.now() - fetched < FRESH)) return;
  state.change(state.help, { state: "loading" });
  try {
    const { total, url, collections } = await ask<state.Help>("GET", `${address(widget)}?${new URLSearchParams({ locale })}`);
    fetched = Date.now();
    state.help.value = { state: "ready", total, url, collections: collections.filter(({ articles }) => articles.length) };
  } catch {
    state.change(state.help, { state: "failed" });
  }
}
