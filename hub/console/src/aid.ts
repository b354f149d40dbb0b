/** What the assistant does for an agent: a draft of the reply, a summary, articles that fit. */

import { signal, type Signal } from "@preact/signals";
import type { Message } from "../../../chat/protocol";
import type { Trial } from "./assistant";
import { get, post, words } from "./http";

export interface Suggested {
  slug: string;
  title: string;
  locale: string;
  excerpt: string;
  url: string;
}

/** A draft on its way, there, or not to be had; null where nobody asked for one. */
export type Drafted =
  | { state: "working" }
  | { state: "failed"; problem: string }
  | { state: "ready"; draft: Trial }
  | null;

const of = (conversation: string, what: string): string =>
  `/console/api/conversations/${encodeURIComponent(conversation)}/${what}`;

export const summary = async (conversation: string): Promise<string> =>
  (await post<{ text: string }>(of(conversation, "summary"))).text;

export const suggested = async (conversation: string): Promise<Suggested[]> =>
  (await get<{ items: Suggested[] }>(of(conversation, "articles"))).items;

/** Drafts by conversation: one that was asked for is still there when one comes back. */
export class Aid {
  private readonly open = new Map<string, Signal<Drafted>>();

  of(conversation: string): Signal<Drafted> {
    let drafted = this.open.get(conversation);
    if (!drafted) this.open.set(conversation, (drafted = signal(null)));
    return drafted;
  }

  async ask(conversation: string): Promise<void> {
    const drafted = this.of(conversation);
    const working: Drafted = { state: "working" };
    drafted.value = working;
    const answer: Drafted = await post<Trial>(of(conversation, "draft")).then(
      (draft) => ({ state: "ready", draft }),
      (error) => ({ state: "failed", problem: words(error) }),
    );
    if (drafted.value === working) drafted.value = answer; // unless it was dismissed meanwhile
  }

  dismiss(conversation: string): void {
    this.of(conversation).value = null;
  }
}

/** What is written already stays; the draft goes below it. */
export const joined = (written: string, draft: string): string =>
  written.trim() ? `${written.trimEnd()}\n\n${draft}` : draft;

/** The products a draft shows, which the hub sends as cards again. */
export const products = (cards: Message["cards"]) => cards.filter((card) => card.type === "product");
