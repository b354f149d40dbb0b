/** The visitor's side of the chat: what the screens may ask for, and how session, socket and lists work together. */

import type { Send } from "../../../chat/protocol";
import type { Identity, Init, Note, PageSeen, ToPage } from "../bridge";
import { Refusal, type Session } from "./api";
import { Connection } from "./connection";
import { Events } from "./events";
import { fetchHelp } from "./help";
import { newId } from "./id";
import { claims, hasProof } from "./identity";
import { Lists } from "./lists";
import { blank, mergeConversations, withRead } from "./merge";
import { Outbox } from "./outbox";
import { Sessions, type Held } from "./sessions";
import * as state from "./state";
import { Store } from "./store";

const PATIENCE = 1500; // for a socket, before the lists are fetched without one
const TYPING = 3000; // between two notes that somebody types

export class Chat {
  private readonly store: Store;
  private readonly sessions: Sessions;
  private readonly lists = new Lists(() => this.dead());
  private readonly events: Events;
  private outbox: Outbox;
  private connection: Connection | null = null;
  private said: Identity[] = [];
  private page: PageSeen = { url: "", title: "" };
  private locale = ""; // the visitor's, in which the assistant answers
  private turn: Promise<void> = Promise.resolve(); // sessions change one after the other
  private era = 0; // counts up when somebody else may be sitting there
  private deaths = 0;
  private typed = 0;

  constructor(
    readonly widget: string,
    tellPage: (message: ToPage) => void,
  ) {
    this.store = new Store(widget);
    this.sessions = new Sessions(this.store, (text) => tellPage({ type: "warn", text: `identify: ${text}` }));
    this.outbox = new Outbox(this.store);
    this.events = new Events(this.lists, tellPage, () => this.read(), (id) => this.isReading(id));
    this.store.watch("session", () => this.elsewhere());
    window.addEventListener("online", () => this.connection?.wake());
    window.addEventListener("offline", () => this.connection?.sleep());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return;
      this.connection?.wake();
      this.read();
    });
  }

  // The page

  /** `locale`: the one that words were found for, or "" for none of those wanted. */
  begin(init: Init, locale = ""): void {
    this.said = init.said;
    this.page = fitting(init.page);
    this.locale = (locale || init.locales.find(Boolean) || "").slice(0, 35);
    if (!this.store.lasts) this.sessions.borrow(init.note.slice(1));
    if (init.open || this.sessions.held() || hasProof(claims(this.said))) void this.settle();
    else state.decided.value = true;
    if (init.open) this.opened();
  }

  opened(): void {
    state.open.value = true;
    void fetchHelp(this.widget, this.locale);
    if (!state.session.peek()) void this.settle();
    this.connection?.wake();
    this.read();
  }

  closed(): void {
    state.open.value = false;
  }

  moved(page: PageSeen): void {
    this.page = fitting(page);
    this.connection?.tell({ type: "page", ...this.page });
  }

  identify(identity: Identity): void {
    this.said = [...this.said, identity];
    void this.settle();
  }

  logout(): void {
    this.said = [];
    this.era++;
    this.wipe(this.sessions.held() ?? undefined); // the token itself is forgotten once the hub has been asked to
    state.decided.value = true;
    void this.queue(() => this.sessions.end());
  }

  /**
   * What the next page of the shop should know; null as long as it is open. The token goes along only
   * where the frame has no storage of its own, and never that of a proven customer: the page proves it anew.
   */
  note(): Note | null {
    if (!state.decided.value) return null;
    const session = state.session.value;
    if (!session) return "";
    const isOpen = state.conversations.value.items.some((one) => one.status !== "resolved");
    return `${isOpen ? 2 : 1}${this.store.lasts || state.verified.value ? "" : session.token}`;
  }

  // The screens

  show(screen: state.Screen): void {
    state.screen.value = screen;
    if (screen.name !== "conversation") return;
    const { state: fetched } = state.thread(screen.id);
    const isNew = !state.conversations.peek().items.some((one) => one.id === screen.id);
    if (isNew && fetched === "idle") state.changeThread(screen.id, { state: "ready" });
    else if (fetched === "idle" || fetched === "failed") void this.lists.messages(screen.id).then(() => this.read());
    this.read();
  }

  showNew(text = ""): void {
    if (text) this.draft("new", text);
    const now = state.screen.peek();
    const from = now.name === "article" ? now : now.name === "home" ? "home" : "messages";
    this.show({ name: "conversation", id: newId(), from });
  }

  /** Open an article inside, from the page or from a screen; the way back leads to where one was. */
  showArticle(slug: string): void {
    const now = state.screen.peek();
    const from = now.name !== "article" ? now : now.from;
    this.show({ name: "article", slug: slug.slice(0, 200), from });
  }

  /** A new conversation that begins with an article: its title goes ahead of the first message. */
  showAbout(article: state.ArticleLink): void {
    state.about.value = article;
    this.showNew();
  }

  /** The visitor wants a person: said at once, and again until the hub has passed the conversation on. */
  askPerson(conversation: string): void {
    state.asked.value = new Set(state.asked.peek()).add(conversation);
    this.plead(conversation);
  }

  private plead(conversation: string): void {
    this.connection?.tell({ type: "ask_person", id: newId(), conversation });
  }

  /** Where the visitor can be reached: a claim like any other. */
  reachAt(email: string): void {
    this.store.write("reach", email);
    state.reach.value = email;
    this.identify({ email });
  }

  claimedEmail(): string {
    return claims(this.said)?.email ?? state.reach.peek();
  }

  /** An address was proven by a code: the session is worth more now. */
  proven(session: Session): void {
    state.session.value = this.sessions.raise(session);
  }

  send(conversation: string, text: string): void {
    const frame: Send = { type: "send", id: newId(), conversation, text };
    const list = state.conversations.peek();
    if (!list.items.some((one) => one.id === conversation)) {
      const at = new Date().toISOString();
      const row = { ...blank(conversation, at), last: { text, author: "visitor" as const, at } };
      state.change(state.conversations, { items: mergeConversations(list.items, [row]) });
    }
    this.typed = 0;
    if (this.connection) return this.connection.send(frame);
    this.outbox.add(frame);
    this.waiting();
    void this.settle();
  }

  retry(id: string): void {
    if (this.connection) return this.connection.retry(id);
    this.outbox.mark(id, false);
    this.waiting();
    void this.settle();
  }

  typing(conversation: string, on: boolean): void {
    const since = Date.now() - this.typed;
    if (on ? since < TYPING : !this.typed) return;
    if (!this.isAtHub(conversation)) return; // nobody can watch what does not exist yet
    this.typed = on ? Date.now() : 0;
    this.connection?.tell({ type: "typing", conversation, on });
  }

  /** Mark as read what the visitor has on their screen. */
  read(): void {
    const screen = state.screen.peek();
    if (screen.name !== "conversation" || !this.isReading(screen.id)) return;
    const list = state.conversations.peek();
    const row = list.items.find((one) => one.id === screen.id);
    if (!row || state.thread(screen.id).state !== "ready" || row.read_seq >= row.last_seq) return;
    const isTold = this.connection?.tell({ type: "read", conversation: row.id, upto: row.last_seq });
    if (!isTold) return; // said with the next welcome
    const items = list.items.map((one) => (one === row ? withRead(row, "visitor", row.last_seq, []) : one));
    state.change(state.conversations, { items });
  }

  refresh(): void {
    void this.lists.conversations();
    if (state.verified.peek()) void this.lists.activity();
  }

  reload(conversation: string): void {
    state.changeThread(conversation, { state: "idle" });
    void this.lists.messages(conversation).then(() => this.read());
  }

  refreshHelp(): void {
    void fetchHelp(this.widget, this.locale);
  }

  older(conversation: string): void {
    void this.lists.older(conversation);
  }

  /** A draft survives a reload; asked without `text`, returns it. */
  draft(conversation: string, text?: string): string {
    const key = `draft:${conversation}`;
    if (text) this.store.write(key, text);
    else if (text === "") this.store.remove(key);
    return text ?? this.store.read<string>(key) ?? "";
  }

  private isAtHub(conversation: string): boolean {
    return state.conversations.peek().items.some((one) => one.id === conversation && one.last_seq > 0);
  }

  private isReading(conversation: string): boolean {
    const screen = state.screen.peek();
    const isShown = screen.name === "conversation" && screen.id === conversation;
    return isShown && state.open.peek() && !document.hidden;
  }

  // The session

  /** Bring session and claims together, however long the hub takes to answer. */
  private settle(): Promise<void> {
    const era = this.era;
    const who = claims(this.said);
    if (this.sessions.isForeign(who)) this.forget();
    state.known.value = hasProof(who) || !!this.sessions.held();
    state.proving.value = hasProof(who) && !state.session.peek();
    return this.queue(async () => {
      for (let tries = 0; era === this.era; tries++) {
        try {
          return await this.settleOnce(era);
        } catch (problem) {
          if (!(problem instanceof Refusal)) throw problem;
          const isDead = problem.status === 401 && !!this.sessions.held();
          if (isDead) this.wipe();
          state.status.value = "offline";
          state.proving.value = false;
          if (!isDead && !problem.passing) return;
          const wait = Math.max(problem.retryAfter * 1000, Math.min(30_000, 500 * 2 ** tries));
          await new Promise((resolve) => setTimeout(resolve, wait * (1 + Math.random() / 2)));
        }
      }
    });
  }

  private queue(work: () => Promise<void>): Promise<void> {
    return (this.turn = this.turn.then(work).catch((problem) => console.error(problem))); // a fault ends its own turn only
  }

  private async settleOnce(era: number): Promise<void> {
    const before = this.sessions.held()?.token;
    const wanted = { widget: this.widget, locale: this.locale, page: this.page };
    const held = await this.sessions.settle(claims(this.said), wanted);
    if (era !== this.era) return;
    if (before && before !== held.token) this.wipe(held);
    const earlier = state.session.peek();
    state.session.value = held;
    state.reach.value = this.store.read<string>("reach") ?? "";
    state.decided.value = true;
    state.proving.value = false;
    if (earlier?.token !== held.token || !this.connection) this.connect(held);
    else if (state.verified.peek() && !/^(hmac|token)$/.test(earlier.assurance)) this.refresh();
  }

  private connect(held: Held): void {
    this.connection?.stop();
    const connection = (this.connection = new Connection(held.token, this.outbox, {
      status: (now) => (state.status.value = now),
      event: (event) => this.events.apply(event),
      frame: (frame) => this.events.frame(frame),
      confirmed: (ack, entry) => this.events.confirmed(ack, entry),
      waiting: () => this.waiting(),
      refused: () => this.dead(),
      welcome: (frame) => {
        this.deaths = 0;
        state.online.value = frame.online;
        state.agents.value = frame.agents;
        if (this.page.url) connection.tell({ type: "page", ...this.page });
        for (const conversation of state.asked.peek()) this.plead(conversation);
        if (!frame.resumed) this.afresh();
        this.read();
      },
    }));
    this.waiting();
    connection.start();
    setTimeout(() => {
      if (this.connection === connection && state.conversations.peek().state === "idle") this.refresh();
    }, PATIENCE);
  }

  /** What happened meanwhile is not known one by one: fetch what is on the screen, drop the rest. */
  private afresh(): void {
    this.refresh();
    const screen = state.screen.peek();
    const shown = screen.name === "conversation" ? screen.id : "";
    state.threads.value = new Map([...state.threads.peek()].filter(([id]) => id === shown));
    if (this.isAtHub(shown)) void this.lists.messages(shown).then(() => this.read());
  }

  private waiting(): void {
    state.outgoing.value = this.outbox.all();
  }

  /** Take everything off the screens. */
  private forget(): void {
    this.connection?.stop();
    this.connection = null;
    state.forget();
    state.proving.value = false;
  }

  /** Forget also what is stored: the words of whoever sat here before. */
  private wipe(next?: Held): void {
    this.forget();
    this.store.clear();
    if (next) this.store.write("session", next);
    this.outbox = new Outbox(this.store);
  }

  /** The hub no longer knows the token. Who is still looking gets a new session, with growing patience. */
  private dead(): void {
    this.era++;
    this.wipe();
    const wait = 1000 * 2 ** this.deaths++ - 1000;
    if (state.open.peek()) setTimeout(() => state.open.peek() && void this.settle(), Math.min(wait, 60_000));
  }

  /** Another tab signed out, or someone else in. */
  private elsewhere(): void {
    const held = this.sessions.held();
    if (held?.token === state.session.peek()?.token) return;
    this.era++;
    this.forget();
    this.outbox = new Outbox(this.store);
    if (held) void this.settle();
  }
}

/** Shops write titles of any length; the hub takes so much. */
function fitting({ url, title }: PageSeen): PageSeen {
  return { url: url.slice(0, 2048), title: title.slice(0, 300) };
}
