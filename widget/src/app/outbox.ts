/** What the visitor has said and the hub has not yet confirmed: kept until it is, also through a reload. */

import type { Send } from "../../../chat/protocol";
import type { Store } from "./store";

export interface Outgoing {
  frame: Send;
  at: number; // milliseconds, and never twice the same: it is also the order
  failed: boolean; // the hub refused it; the visitor may try again
}

const PREFIX = "out:";

export class Outbox {
  private readonly waiting = new Map<string, Outgoing>();
  private last = 0;

  constructor(private readonly store: Store) {
    // One entry per key: two tabs write side by side without undoing each other's.
    const found = store.keys(PREFIX).map((key) => store.read<Outgoing>(key));
    for (const entry of found.filter((entry) => entry !== null).sort((a, b) => a.at - b.at)) this.put(entry);
  }

  /** Oldest first. */
  all(): Outgoing[] {
    return [...this.waiting.values()];
  }

  has(id: string): boolean {
    return this.waiting.has(id);
  }

  add(frame: Send): void {
    this.last = Math.max(Date.now(), this.last + 1);
    this.put({ frame, at: this.last, failed: false });
  }

  /** Returns what was removed, if it was still waiting. */
  remove(id: string): Outgoing | undefined {
    const entry = this.waiting.get(id);
    this.waiting.delete(id);
    this.store.remove(PREFIX + id);
    return entry;
  }

  mark(id: string, failed: boolean): Outgoing | undefined {
    const entry = this.waiting.get(id);
    if (entry) this.put({ ...entry, failed });
    return entry;
  }

  private put(entry: Outgoing): void {
    this.waiting.set(entry.frame.id, entry);
    this.store.write(PREFIX + entry.frame.id, entry);
  }
}
