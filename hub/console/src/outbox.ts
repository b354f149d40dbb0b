/** What is on its way: each message waits here under its own id until the hub says it is saved. */

import { signal } from "@preact/signals";
import type { Ack, Author, Message, ProductCard, Send } from "../../../chat/protocol";
import { newId } from "../../../widget/src/app/id";

export interface Outgoing {
  id: string;
  conversation: string;
  kind: "text" | "note";
  text: string;
  cards: ProductCard[];
  at: string;
  state: "sending" | "failed";
  problem: string; // why it was not sent, in words
}

type Say = (frame: Send) => boolean;
type Store = Pick<Storage, "getItem" | "setItem">;

const PATIENCE = 15_000; // without an answer for so long, the agent is told

export class Outbox {
  readonly waiting = signal<readonly Outgoing[]>([]);
  private readonly key: string;
  private readonly clocks = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly store: Store,
    agent: string,
    private readonly say: Say,
  ) {
    this.key = `parley.outbox.${agent}`;
    this.waiting.value = this.kept();
  }

  of(conversation: string): Outgoing[] {
    return this.waiting.value.filter((one) => one.conversation === conversation);
  }

  send(message: Omit<Outgoing, "id" | "at" | "state" | "problem">): void {
    const fresh = { ...message, id: newId(), at: new Date().toISOString() };
    this.keep([...this.waiting.value, { ...fresh, state: "sending", problem: "" }]);
    this.post(fresh.id);
  }

  /** The same id again: if the first try did arrive after all, it stays one message. */
  retry(id: string): void {
    this.change(id, { state: "sending", problem: "" });
    this.post(id);
  }

  /** After a reconnect: everything unanswered goes once more. */
  resend(): void {
    for (const one of this.waiting.value) if (one.state === "sending") this.post(one.id);
  }

  discard(id: string): void {
    this.calm(id);
    this.keep(this.waiting.value.filter((one) => one.id !== id));
  }

  /** The saved message, for the log to show at once; null when it was not ours. */
  saved(ack: Ack, author: Author): Message | null {
    const one = this.waiting.value.find((sent) => sent.id === ack.id);
    if (!one) return null;
    this.discard(ack.id);
    const { id, kind, text, cards } = one;
    return { id, kind, text, cards, author, seq: ack.seq, at: ack.at ?? one.at };
  }

  refused(id: string, problem: string): void {
    this.calm(id);
    this.change(id, { state: "failed", problem });
  }

  /** Too many at once: it goes on waiting and goes again by itself. */
  later(id: string, seconds: number): void {
    this.calm(id);
    this.clocks.set(id, setTimeout(() => this.post(id), seconds * 1000));
  }

  private post(id: string): void {
    const one = this.waiting.value.find((sent) => sent.id === id);
    if (!one) return;
    const { conversation, text, kind, cards } = one;
    const products = cards.map((card) => card.id);
    const said = this.say({ type: "send", id, conversation, text, kind, ...(products.length && { products }) });
    this.calm(id);
    if (said) this.clocks.set(id, setTimeout(() => this.refused(id, "The hub did not answer."), PATIENCE));
  }

  private change(id: string, change: Partial<Outgoing>): void {
    this.keep(this.waiting.value.map((one) => (one.id === id ? { ...one, ...change } : one)));
  }

  private calm(id: string): void {
    clearTimeout(this.clocks.get(id));
    this.clocks.delete(id);
  }

  private keep(waiting: readonly Outgoing[]): void {
    this.waiting.value = waiting;
    try {
      this.store.setItem(this.key, JSON.stringify(waiting));
    } catch {
      // storage full or switched off: unsent messages live as long as the page
    }
  }

  private kept(): Outgoing[] {
    try {
      return JSON.parse(this.store.getItem(this.key) ?? "[]");
    } catch {
      return [];
    }
  }
}
