/** An article's text while it is written: saved by itself, and kept in this browser until it is. */

import { signal } from "@preact/signals";
import type { Locale, Text } from "./articles";
import { Refusal, words } from "./http";

export interface Words {
  title: string;
  body: string;
}

export type Saving =
  | { state: "saved"; at: string | null } // null: nothing was changed since it was opened
  | { state: "unsaved" }
  | { state: "saving" }
  | { state: "failed"; problem: string; field: string | null };

export interface Hub {
  /** Refused as "newer" if somebody has saved it after `since`. */
  save: (article: string, locale: Locale, title: string, body: string, since: string) => Promise<Text>;
  read: (article: string, locale: Locale) => Promise<Text | undefined>;
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const PAUSE = 900; // the hand rests
const AGAIN = 8_000; // after the hub could not be reached

interface Kept extends Words {
  since: string; // what the hub had when this was begun
}

export class Manuscript {
  readonly words = signal<Words>({ title: "", body: "" });
  readonly saving = signal<Saving>({ state: "saved", at: null });
  /** Somebody else has saved this text while it was written here. */
  readonly overtaken = signal<(Words & { by: string; at: string }) | null>(null);

  private readonly key: string;
  private since: string; // what the hub had when this was begun, or last said
  private lost: Words[] = []; // sent without an answer: the hub may have them
  private clock: ReturnType<typeof setTimeout> | undefined;
  private under: Promise<void> | null = null;
  private closed = false;

  constructor(
    private readonly store: Store,
    agent: string,
    readonly article: string,
    readonly locale: Locale,
    text: Text | undefined,
    private readonly hub: Hub,
  ) {
    this.key = `parley.article.${agent}.${article}.${locale}`;
    this.since = text?.updated_at ?? "";
    const server = { title: text?.title ?? "", body: text?.body ?? "" };
    const kept = this.kept();
    this.words.value = kept ?? server;
    this.begin(kept, server, text?.updated_by ?? "");
  }

  /** What was kept here goes on, unless the hub has it, or something newer. */
  private begin(kept: Kept | null, server: Words, by: string): void {
    if (!kept || same(kept, server)) return this.forget();
    if (kept.since !== this.since) {
      this.overtaken.value = { ...server, by, at: this.since };
      this.since = kept.since;
    }
    this.saving.value = { state: "unsaved" };
    if (!this.overtaken.value) this.saveSoon(0);
  }

  write(change: Partial<Words>): void {
    const next = { ...this.words.value, ...change };
    if (same(next, this.words.value)) return;
    this.words.value = next;
    this.saving.value = { state: "unsaved" };
    this.keep();
    if (!this.overtaken.value) this.saveSoon(PAUSE);
  }

  /** The hub has this text now: taken over, unless something here is not saved yet. */
  heard(text: Text): void {
    const { state } = this.saving.value;
    const old = Date.parse(text.updated_at) <= Date.parse(this.since);
    if (old || state === "saving") return; // what is on its way is refused if this is newer
    if (state === "saved") this.words.value = { title: text.title, body: text.body };
    if (this.ours(text)) this.since = text.updated_at;
    else this.ask(text);
  }

  private ours(text: Text): boolean {
    return [this.words.value, ...this.lost].some((one) => same(one, text));
  }

  /** Two texts: nothing is saved until one is chosen. */
  private ask({ title, body, updated_by: by, updated_at: at }: Text): void {
    clearTimeout(this.clock);
    this.saving.value = { state: "unsaved" };
    this.overtaken.value = { title, body, by, at };
  }

  /** Of two texts, this one: ours is saved over theirs, or theirs is taken. */
  settle(which: "ours" | "theirs"): void {
    const theirs = this.overtaken.value;
    if (!theirs) return;
    this.overtaken.value = null;
    this.since = theirs.at;
    if (which === "ours") return this.saveSoon(0);
    this.words.value = { title: theirs.title, body: theirs.body };
    this.forget();
    this.saving.value = { state: "saved", at: null };
  }

  /** Everything typed so far is with the hub once this is done; throws if it could not be. */
  async flush(): Promise<void> {
    clearTimeout(this.clock);
    while (this.saving.value.state !== "saved") {
      if (this.overtaken.value) throw new Refusal(409, "newer", "Choose first which of the two texts stays.");
      await this.run();
      const { value } = this.saving;
      if (value.state === "failed") throw new Refusal(0, "unsaved", value.problem, value.field);
    }
  }

  /** Leaving the screen: what is not saved is sent now, and stays in this browser until it is. */
  close(): void {
    this.closed = true;
    clearTimeout(this.clock);
    if (this.saving.value.state === "unsaved" && !this.overtaken.value) void this.run();
  }

  private saveSoon(pause: number): void {
    clearTimeout(this.clock);
    this.clock = setTimeout(() => void this.run(), pause);
  }

  private run(): Promise<void> {
    clearTimeout(this.clock);
    this.under ??= this.send().finally(() => (this.under = null));
    return this.under;
  }

  private async send(): Promise<void> {
    const sent = this.words.value;
    if (!sent.title.trim()) {
      this.saving.value = { state: "failed", problem: "It is saved once it has a title.", field: "title" };
      return;
    }
    this.saving.value = { state: "saving" };
    try {
      this.since = (await this.hub.save(this.article, this.locale, sent.title, sent.body, this.since)).updated_at;
      this.lost = [];
      if (same(sent, this.words.value)) {
        this.forget();
        this.saving.value = { state: "saved", at: new Date().toISOString() };
      } else {
        this.saving.value = { state: "unsaved" };
        if (!this.closed) this.saveSoon(PAUSE);
      }
    } catch (error) {
      this.keep();
      await (error instanceof Refusal && error.code === "newer" ? this.compare() : this.fail(error, sent));
    }
  }

  /** The hub's text is another one: ours, if only the answer was lost, or somebody's, and asked about. */
  private async compare(): Promise<void> {
    try {
      const theirs = await this.hub.read(this.article, this.locale);
      if (theirs && !this.ours(theirs)) return this.ask(theirs);
      this.since = theirs?.updated_at ?? "";
      this.saving.value = { state: "unsaved" };
      if (!this.closed) this.saveSoon(0);
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown, sent?: Words): void {
    this.saving.value = { state: "failed", problem: words(error), field: error instanceof Refusal ? error.field : null };
    const passes = !(error instanceof Refusal) || error.status === 0 || error.status >= 500 || error.status === 429;
    if (passes && sent) this.lost.push(sent);
    if (passes && !this.closed) this.saveSoon(AGAIN);
  }

  private keep(): void {
    try {
      this.store.setItem(this.key, JSON.stringify({ ...this.words.value, since: this.since } satisfies Kept));
    } catch {
      // storage full or switched off: the text lives as long as the page
    }
  }

  private forget(): void {
    try {
      this.store.removeItem(this.key);
    } catch {
      // it was never kept
    }
  }

  private kept(): Kept | null {
    try {
      return JSON.parse(this.store.getItem(this.key) ?? "null");
    } catch {
      return null;
    }
  }
}

const same = (one: Words, other: Words): boolean => one.title === other.title && one.body === other.body;
