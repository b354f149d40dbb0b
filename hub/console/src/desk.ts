/** An agent's desk, from sign-in to sign-out: what they have open, and the line to the hub. */

import { effect, signal, untracked } from "@preact/signals";
import type { ActionView, Author, HubEvent, Message, Person, Problem, Status } from "../../../chat/protocol";
import { newId } from "../../../widget/src/app/id";
import { Aid } from "./aid";
import { Answers } from "./answers";
import { Approvals } from "./approvals";
import { Connection, type Frame } from "./connection";
import { CustomerPanel } from "./customer";
import { Codes } from "./discounts";
import { Drafts } from "./drafts";
import { get } from "./http";
import { Inbox } from "./inbox";
import { Deeds, outcome } from "./orders";
import { Outbox } from "./outbox";
import { Presence } from "./presence";
import { filter, openConversation } from "./router";
import { expire, isAdmin, type Me } from "./session";
import { Shops } from "./shops";
import { Threads } from "./thread";
import { done, problem } from "./toast";

export interface Colleague {
  id: string;
  name: string;
  email: string;
  avatar_url: string;
  role: string;
  online: boolean;
}

/** A colleague's answer that came while one was writing one's own. */
export interface Overtaking {
  conversation: string;
  message: Message;
}

const TYPING_EVERY = 3_000;

export class Desk {
  readonly inbox: Inbox;
  readonly threads = new Threads();
  readonly customer: CustomerPanel;
  readonly presence = new Presence();
  readonly shops = new Shops();
  readonly codes = new Codes();
  readonly deeds = new Deeds();
  readonly answers = new Answers();
  readonly aid = new Aid();
  readonly approvals: Approvals;
  readonly drafts: Drafts;
  readonly outbox: Outbox;
  readonly connection: Connection;
  readonly colleagues = signal<readonly Colleague[]>([]);
  readonly overtaken = signal<Overtaking | null>(null);
  /** The last event heard; settings pages that are open take from it what is theirs. */
  readonly news = signal<HubEvent | null>(null);

  private readonly endings: (() => void)[] = [];
  private typed = { conversation: "", at: 0 };

  constructor(readonly me: Me) {
    this.inbox = new Inbox(me.agent.id);
    this.approvals = new Approvals(isAdmin(me));
    this.customer = new CustomerPanel(this.inbox);
    this.drafts = new Drafts(localStorage, me.agent.id);
    this.connection = new Connection({ hear: (frame) => this.hear(frame), signedOut: expire });
    this.outbox = new Outbox(sessionStorage, me.agent.id, (frame) => this.connection.say(frame));
  }

  start(): void {
    this.connection.start();
    this.watch(() => void this.inbox.load(filter.value));
    this.watch(() => this.customer.open(openConversation.value));
    this.watch(() => this.connection.state.value === "online" && untracked(() => this.outbox.resend()));
    this.watch(() => this.look());
    this.watch(() => this.markRead());
    document.addEventListener("visibilitychange", this.onVisible);
    this.endings.push(() => document.removeEventListener("visibilitychange", this.onVisible));
  }

  stop(): void {
    this.connection.stop();
    for (const end of this.endings) end();
  }

  setStatus(conversation: string, status: Status): void {
    this.ask({ type: "set_status", id: newId(), conversation, status });
  }

  assign(conversation: string, assignee: string | null): void {
    this.ask({ type: "assign", id: newId(), conversation, assignee });
  }

  /** Tells the visitor that an answer is being written; the hub forgets it by itself. */
  typing(conversation: string, on: boolean): void {
    const now = Date.now();
    const said = this.typed.conversation === conversation ? this.typed.at : 0;
    if (on ? now - said < TYPING_EVERY : said === 0) return;
    this.typed = { conversation, at: on ? now : 0 };
    this.connection.say({ type: "typing", conversation, on });
  }

  /** Others who have this conversation open. */
  others(conversation: string): readonly Person[] {
    return (this.presence.looking.value.get(conversation) ?? []).filter((one) => one.id !== this.me.agent.id);
  }

  get author(): Author {
    const { id, name, avatar_url } = this.me.agent;
    return { kind: "agent", id, name, avatar_url };
  }

  private hear(frame: Frame): void {
    switch (frame.type) {
      case "welcome":
        this.presence.heardAgents(frame);
        if (!frame.resumed) void this.resync();
        return;
      case "ack":
        return this.acknowledged(this.outbox.saved(frame, this.author), frame.conversation);
      case "error":
        return this.refused(frame);
      case "presence":
        return this.presence.heardAgents(frame);
      case "looking":
        return this.presence.heardLooking(frame);
      case "typing":
        if (frame.person?.id !== this.me.agent.id) this.presence.heardTyping(frame);
        return;
      case "drafting":
        return this.answers.heardDrafting(frame);
      case "visitor_page":
        return this.customer.visited(frame);
      case "pong":
        return;
      default:
        return this.happened(frame);
    }
  }

  private happened(event: HubEvent): void {
    if (event.type === "MessageAdded" || event.type === "NoteAdded") this.said(event.conversation, event.message);
    this.inbox.hear(event);
    this.customer.hear(event);
    this.shops.hear(event);
    this.codes.hear(event);
    this.answers.hear(event);
    if (event.type === "ActionChanged") this.acted(event.action);
    this.approvals.hear(event);
    this.news.value = event;
  }

  private said(conversation: string, message: Message): void {
    if (message.author.kind !== "system") this.presence.stopped(conversation);
    this.outbox.discard(message.id); // our own message, heard before its ack
    this.threads.hear(conversation, message);
    const colleague = message.author.kind === "agent" && message.author.id !== this.me.agent.id;
    if (colleague && message.kind === "text" && this.drafts.of(conversation).value.reply) {
      this.overtaken.value = { conversation, message };
    }
  }

  /** Whoever asked for a refund is told what became of it, on whatever screen they are. */
  private acted(action: ActionView): void {
    const before = this.deeds.known.value.get(action.id)?.state;
    this.deeds.put(action);
    const told = action.by.id === this.me.agent.id && before !== action.state ? outcome(action) : null;
    if (told) (told.good ? done : problem)(told.words);
  }

  private acknowledged(message: Message | null, conversation: string): void {
    if (message) this.threads.hear(conversation, message);
  }

  private refused({ id, message, retry_after }: Problem): void {
    const ours = id !== null && this.outbox.waiting.value.some((one) => one.id === id);
    if (!ours) problem(message);
    else if (retry_after === null) this.outbox.refused(id, message);
    else this.outbox.later(id, retry_after);
  }

  private ask(frame: Parameters<Connection["say"]>[0]): void {
    if (!this.connection.say(frame)) problem("Not connected. Try again in a moment: nothing was changed.");
  }

  private async resync(): Promise<void> {
    const open = openConversation.value;
    await Promise.allSettled([
      this.inbox.refresh(open),
      this.threads.refresh(open),
      this.customer.load(),
      this.shops.refresh(),
      this.approvals.load(),
      this.answers.refresh(open),
      this.loadColleagues(),
    ]);
  }

  private async loadColleagues(): Promise<void> {
    try {
      this.colleagues.value = (await get<{ items: Colleague[] }>("/console/api/agents")).items;
    } catch {
      // the assignee menu offers oneself, and the next reconnect asks again
    }
  }

  private readonly visible = signal(!document.hidden);

  private readonly onVisible = (): void => {
    this.visible.value = !document.hidden;
  };

  private look(): void {
    const conversation = this.visible.value ? openConversation.value : null;
    if (this.connection.state.value === "online") this.connection.say({ type: "look", conversation });
  }

  private markRead(): void {
    const conversation = openConversation.value;
    if (!conversation || !this.visible.value || this.connection.state.value !== "online") return;
    const row = this.inbox.rows.value.get(conversation);
    if (!row?.unread) return;
    if (this.connection.say({ type: "read", conversation, upto: row.last_seq })) this.inbox.read(conversation);
  }

  private watch(run: () => unknown): void {
    this.endings.push(effect(() => void run()));
  }
}
