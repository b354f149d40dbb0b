/** The messages of one conversation: loaded in pages, joined by what the socket tells. */

import { signal } from "@preact/signals";
import type { Message } from "../../../chat/protocol";
import { mergeMessages } from "../../../widget/src/app/merge";
import { get, words } from "./http";
import { gapAfter } from "./messages";

interface Page {
  items: Message[];
  more: boolean;
}

const KEPT = 20; // conversations in memory

export class Thread {
  readonly messages = signal<readonly Message[]>([]);
  readonly state = signal<"loading" | "ready" | "failed">("loading");
  readonly problem = signal("");
  readonly more = signal(false); // older messages are on the hub
  readonly adding = signal(false);

  constructor(readonly conversation: string) {
    void this.load();
  }

  async load(): Promise<void> {
    if (this.messages.value.length === 0) this.state.value = "loading";
    try {
      const page = await this.page("");
      this.messages.value = mergeMessages(this.messages.value, page.items);
      this.more.value = page.more;
      this.state.value = "ready";
    } catch (error) {
      this.problem.value = words(error);
      this.state.value = this.messages.value.length ? "ready" : "failed";
    }
  }

  async older(): Promise<void> {
    const first = this.messages.value[0];
    if (!first || !this.more.value || this.adding.value) return;
    this.adding.value = true;
    try {
      const page = await this.page(`before=${first.seq}`);
      this.messages.value = mergeMessages(this.messages.value, page.items);
      this.more.value = page.more;
    } catch (error) {
      this.problem.value = words(error);
    } finally {
      this.adding.value = false;
    }
  }

  hear(message: Message): void {
    this.messages.value = mergeMessages(this.messages.value, [message]);
    if (this.state.value === "ready") void this.fill();
  }

  /** Fetches what is missing in between, if anything is. */
  async fill(): Promise<void> {
    const after = gapAfter(this.messages.value);
    if (after === null) return;
    const page = await this.page(`after=${after}`).catch(() => null);
    if (page) this.messages.value = mergeMessages(this.messages.value, page.items);
  }

  /** After a reconnect that could not resume: whatever came since the last message we have. */
  async catchUp(): Promise<void> {
    const last = this.messages.value.at(-1);
    if (!last) return this.load();
    const page = await this.page(`after=${last.seq}`);
    this.messages.value = mergeMessages(this.messages.value, page.items);
  }

  private page(query: string): Promise<Page> {
    return get<Page>(`/v1/chat/conversations/${encodeURIComponent(this.conversation)}/messages?limit=50&${query}`);
  }
}

export class Threads {
  private readonly open = new Map<string, Thread>();

  of(conversation: string): Thread {
    const thread = this.open.get(conversation) ?? new Thread(conversation);
    this.open.delete(conversation);
    this.open.set(conversation, thread); // the last one looked at is the last to go
    const oldest = this.open.keys().next().value;
    if (this.open.size > KEPT && oldest) this.open.delete(oldest);
    return thread;
  }

  hear(conversation: string, message: Message): void {
    this.open.get(conversation)?.hear(message);
  }

  /** Keeps the one on screen and catches up; the others are loaded again when opened. */
  async refresh(onScreen: string | null): Promise<void> {
    for (const conversation of [...this.open.keys()]) {
      if (conversation !== onScreen) this.open.delete(conversation);
    }
    if (onScreen) await this.open.get(onScreen)?.catchUp();
  }
}
