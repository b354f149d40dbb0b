/** What is fetched over HTTP: the visitor's conversations, their messages and their activity. */

import type { Conversation } from "../../../chat/protocol";
import * as api from "./api";
import { mergeConversations, mergeMessages } from "./merge";
import * as state from "./state";

export class Lists {
  /** `refused` is called when the token turns out to be dead. */
  constructor(private readonly refused: () => void) {}

  async conversations(): Promise<void> {
    state.change(state.conversations, { state: "loading" });
    await this.fetch(
      (token) => api.conversations(token),
      ({ items }) => {
        const there = new Set(items.map((one) => one.id));
        const known = state.conversations.peek().items.filter((one) => there.has(one.id) || isUnsent(one));
        state.conversations.value = { state: "ready", items: mergeConversations(known, items) };
      },
      () => state.change(state.conversations, { state: "failed" }),
    );
  }

  async activity(): Promise<void> {
    state.change(state.activity, { state: "loading" });
    await this.fetch(
      (token) => api.activity(token),
      ({ items }) => (state.activity.value = { state: "ready", items }),
      () => state.change(state.activity, { state: "failed" }),
    );
  }

  /** The newest messages, in place of what we had. */
  async messages(id: string): Promise<void> {
    if (state.thread(id).state !== "ready") state.changeThread(id, { state: "loading" });
    await this.fetch(
      (token) => api.messages(token, id),
      ({ items, more }) => state.changeThread(id, { state: "ready", items, more }),
      (problem) => {
        // A conversation whose first message is still on its way is not at the hub yet.
        if (problem.status === 404) state.changeThread(id, { state: "ready" });
        else if (state.thread(id).state === "loading") state.changeThread(id, { state: "failed" });
      },
    );
  }

  async older(id: string): Promise<void> {
    const { items, more } = state.thread(id);
    const first = items[0];
    if (!more || !first) return;
    state.changeThread(id, { more: false }); // one page at a time
    await this.fetch(
      (token) => api.messages(token, id, { before: first.seq }),
      ({ items, more }) => state.changeThread(id, { items: mergeMessages(items, state.thread(id).items), more }),
      () => state.changeThread(id, { more: true }),
    );
  }

  /** Messages after `seq` that we never heard of. */
  async gap(id: string, seq: number): Promise<void> {
    await this.fetch(
      (token) => api.messages(token, id, { after: seq }),
      ({ items, more }) => {
        state.changeThread(id, { items: mergeMessages(state.thread(id).items, items) });
        const last = items.at(-1);
        if (more && last) void this.gap(id, last.seq);
      },
      () => {}, // the next reconnection fetches it all
    );
  }

  private async fetch<T>(
    ask: (token: string) => Promise<T>,
    got: (answer: T) => void,
    failed: (problem: api.Refusal) => void,
  ): Promise<void> {
    const token = state.session.peek()?.token;
    if (!token) return;
    const isStill = (): boolean => state.session.peek()?.token === token;
    try {
      const answer = await ask(token);
      if (isStill()) got(answer); // otherwise somebody else is here by now
    } catch (problem) {
      if (!isStill() || !(problem instanceof api.Refusal)) return;
      if (problem.status === 401) this.refused();
      else failed(problem);
    }
  }
}

function isUnsent({ last_seq }: Conversation): boolean {
  return last_seq === 0;
}
