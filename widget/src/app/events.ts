/** What the hub tells, brought onto the screens. */

import type { Ack, Drafting, HubEvent, Message, MessageAdded, ServerFrame, TypingNow } from "../../../chat/protocol";
import type { ToPage } from "../bridge";
import type { Lists } from "./lists";
import { mergeActivity, mergeConversations, mergeMessages, withMessage, withRead } from "./merge";
import type { Outgoing } from "./outbox";
import { ring } from "./sound";
import * as state from "./state";

const TYPING = 8000; // without news, somebody has stopped
const THINKING = 30_000; // an assistant may look things up first

export class Events {
  private readonly typing = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly drafts = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly lists: Lists,
    private readonly tellPage: (message: ToPage) => void,
    private readonly read: () => void,
    private readonly isReading: (conversation: string) => boolean,
  ) {}

  apply(event: HubEvent): void {
    switch (event.type) {
      case "MessageAdded":
        return this.added(event);
      case "MessagesRead":
        return this.update(event.conversation, (known) =>
          withRead(known, event.reader, event.upto, state.thread(event.conversation).items),
        );
      case "ConversationChanged": {
        const { conversation, status, assignee, answering } = event;
        this.settled(conversation);
        return this.update(conversation, (known) => ({ ...known, status, assignee, answering }));
      }
      case "RecordChanged":
        return state.change(state.activity, {
          items: mergeActivity(state.activity.peek().items, event.record),
        });
      case "RecordRemoved":
        return state.change(state.activity, {
          items: state.activity.peek().items.filter((record) => record.id !== event.id),
        });
    } // a newer hub may say more than we know
  }

  frame(frame: ServerFrame): void {
    if (frame.type === "typing") this.typingNow(frame);
    if (frame.type === "drafting") this.drafting(frame);
    if (frame.type === "presence") {
      state.online.value = frame.online;
      state.agents.value = frame.agents;
    }
  }

  /** The hub has saved our words: from now on they are a message like any other. */
  confirmed({ id, conversation, seq, at }: Ack, entry: Outgoing | undefined): void {
    if (!entry) return;
    const author = { kind: "visitor" as const, id: state.session.peek()?.visitor ?? "", name: "", avatar_url: "" };
    const said = at ?? new Date(entry.at).toISOString();
    this.put(conversation, { id, seq, author, kind: "text", text: entry.frame.text, at: said, cards: [] });
  }

  private added({ conversation, message }: MessageAdded): void {
    this.put(conversation, message);
    const { author, kind, id, text, at } = message;
    if (author.kind === "visitor") return;
    this.stopTyping(conversation);
    this.stopDrafting(conversation);
    if (kind !== "text" || author.kind === "system") return;
    if (this.isReading(conversation)) this.read();
    else ring(id);
    this.tellPage({
      type: "message",
      message: { id, conversation, text, author: { kind: author.kind, name: author.name }, at },
    });
  }

  private put(conversation: string, message: Message): void {
    const { items, state: fetched } = state.thread(conversation);
    const last = items.at(-1)?.seq ?? 0;
    state.changeThread(conversation, { items: mergeMessages(items, [message]) });
    if (fetched === "ready" && message.seq > last + 1) void this.lists.gap(conversation, last);

    const list = state.conversations.peek();
    const row = withMessage(list.items.find((one) => one.id === conversation), conversation, message);
    state.change(state.conversations, { items: mergeConversations(list.items, [row]) });
  }

  private update(id: string, change: (known: (typeof state.conversations.value.items)[number]) => typeof known): void {
    state.change(state.conversations, {
      items: state.conversations.peek().items.map((one) => (one.id === id ? change(one) : one)),
    });
  }

  private typingNow({ conversation, who, person, on }: TypingNow): void {
    if (who === "visitor") return; // ourselves, in another tab
    this.stopTyping(conversation);
    if (!on) return;
    const { name, avatar_url, id } = person ?? { name: state.words().assistant, avatar_url: "", id: "" };
    const bot = who === "assistant";
    state.changeThread(conversation, { typing: { name, avatar_url, id, bot } });
    this.typing.set(conversation, setTimeout(() => this.stopTyping(conversation), bot ? THINKING : TYPING));
  }

  /** The text grows until the message itself comes; one that is over is not begun again. */
  private drafting({ conversation, message, text }: Drafting): void {
    if (state.thread(conversation).items.some(({ id }) => id === message)) return;
    this.stopTyping(conversation);
    this.stopDrafting(conversation);
    if (!text) return;
    state.changeThread(conversation, { draft: { id: message, text } });
    this.drafts.set(conversation, setTimeout(() => this.stopDrafting(conversation), THINKING));
  }

  private stopDrafting(conversation: string): void {
    clearTimeout(this.drafts.get(conversation));
    if (state.thread(conversation).draft) state.changeThread(conversation, { draft: null });
  }

  /** The hub has decided who answers: what the visitor asked for need not be repeated. */
  private settled(conversation: string): void {
    const asked = new Set(state.asked.peek());
    if (asked.delete(conversation)) state.asked.value = asked;
  }

  private stopTyping(conversation: string): void {
    clearTimeout(this.typing.get(conversation));
    if (state.thread(conversation).typing) state.changeThread(conversation, { typing: null });
  }
}
