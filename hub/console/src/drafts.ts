/** What an agent has written and not sent, kept in this browser for each conversation. */

import { signal, type Signal } from "@preact/signals";
import type { ProductCard } from "../../../chat/protocol";

export interface Draft {
  mode: "reply" | "note";
  reply: string;
  note: string;
  products: ProductCard[];
}

export const EMPTY: Draft = { mode: "reply", reply: "", note: "", products: [] };

const KEPT = 300; // drafts; beyond that the oldest are forgotten

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class Drafts {
  private readonly open = new Map<string, Signal<Draft>>();
  private readonly key: string;

  /** Drafts are an agent's own: another one signing in on this machine does not see them. */
  constructor(
    private readonly store: Store,
    agent: string,
  ) {
    this.key = `parley.drafts.${agent}`;
  }

  of(conversation: string): Signal<Draft> {
    let draft = this.open.get(conversation);
    if (!draft) {
      draft = signal(this.all()[conversation] ?? EMPTY);
      this.open.set(conversation, draft);
    }
    return draft;
  }

  change(conversation: string, change: Partial<Draft>): void {
    const draft = this.of(conversation);
    draft.value = { ...draft.value, ...change };
    this.keep(conversation, draft.value);
  }

  private keep(conversation: string, draft: Draft): void {
    const { [conversation]: _, ...others } = this.all();
    const all = isEmpty(draft) ? others : { ...others, [conversation]: draft };
    const newest = Object.fromEntries(Object.entries(all).slice(-KEPT));
    try {
      this.store.setItem(this.key, JSON.stringify(newest));
    } catch {
      // storage full or switched off: the draft lives as long as the page
    }
  }

  private all(): { [conversation: string]: Draft } {
    try {
      return JSON.parse(this.store.getItem(this.key) ?? "{}");
    } catch {
      return {};
    }
  }
}

const isEmpty = (draft: Draft): boolean => !draft.reply && !draft.note && draft.products.length === 0;
