/** The shops this workspace has connected: how each is, what its syncs do, and what to say about it. */

import { computed, signal } from "@preact/signals";
import type { HubEvent, SyncProgressed, Tone } from "../../../chat/protocol";
import { get, post, words } from "./http";
import type { IconName } from "./kit/icons";
import type { Loaded } from "./loaded";

export type Level = "connected" | "attention" | "degraded" | "failed";
export type SyncKind = "full" | "check" | "sweep";

export interface Connection {
  id: string;
  connector: string;
  shop: string;
  title: string;
  source: string;
  state: "active" | "disconnected";
  level: Level;
  problem: { code: string; text: string; link: string } | null;
  drift: number | null;
  details: { readonly [name: string]: unknown };
  synced_at: string | null;
  checked_at: string | null;
  created_at: string;
}

export interface Run {
  id: string;
  kind: SyncKind;
  state: "running" | "done" | "failed";
  done: number;
  total: number | null;
  changed: number;
  drift: number;
  fixed: number;
  error: string;
  started_at: string;
  ended_at: string | null;
}

export interface Counts {
  products: number;
  records: number;
  customers: number;
}

export interface Card {
  connection: Connection;
  counts: Counts;
  runs: Run[]; // oldest first
  next_sync_at: string | null;
}

export interface SetupField {
  name: string;
  label: string;
  help: string;
  placeholder: string;
  secret: boolean;
  required: boolean;
}

export interface Connector {
  name: string;
  title: string;
  summary: string;
  provides: string[];
  documentation: string;
  connects: boolean;
  fields: SetupField[];
  steps: { title: string; text: string; snippet: string; link: string }[];
  permissions: { label: string; access: string }[];
}

export interface Integrations {
  connections: Card[];
  connectors: Connector[];
  customer_data: { keys: number; counts: Counts; last_push_at: string | null };
}

export interface DeadLetter {
  id: string;
  topic: string;
  error: string;
  attempts: number;
  at: string;
}

/** What `GET /console/api/integrations/{id}` answers. */
export interface ConnectionPage {
  card: Card;
  runs: Run[]; // newest first
  dead: DeadLetter[];
  waiting: number;
}

/** How far a sync is: asked for and waiting, at work, or just ended. */
export interface Live {
  run: string;
  kind: string;
  state: "asked" | "running" | "done" | "failed";
  done: number;
  total: number | null;
  changed: number;
}

const SOON = 300;
const BEGUN_WITHIN = 2_000;
const ENDED_FOR = 20_000; // how long the outcome of a sync stays on its card

const at = (path: string): string => `/console/api/integrations${path}`;
const one = (id: string, what = ""): string => at(`/${encodeURIComponent(id)}${what}`);

export const connectionPage = (id: string): Promise<ConnectionPage> => get(one(id));
export const connect = (connector: string, values: { [name: string]: string }) =>
  post<{ redirect: string | null; connection: string | null }>(at("/connect"), { connector, values });
export const claim = (offer: string) => post<{ connection: string }>(at("/claim"), { offer });
export const check = (id: string) => post<{ ok: boolean; code: string; detail: string }>(one(id, "/check"));
export const disconnect = (id: string): Promise<void> => post(one(id, "/disconnect"));
export const replay = (id: string, delivery?: string) =>
  post<{ count: number }>(one(id, "/replay"), delivery ? { delivery } : {});

/** Kept true by the socket from the first time a screen asks for it. */
export class Shops {
  readonly loaded = signal<Loaded<Integrations>>({ state: "loading" });
  readonly live = signal<ReadonlyMap<string, Live>>(new Map());

  readonly needsSomeone = computed<boolean>(() => {
    const now = this.loaded.value;
    return now.state === "ready" && now.value.connections.some(needsYou);
  });

  private wanted = false;
  private soon: ReturnType<typeof setTimeout> | undefined;

  /** For screens, as often as they like: asks the hub the first time only. */
  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.load();
  }

  async load(): Promise<void> {
    if (!this.wanted) return;
    if (this.loaded.value.state === "failed") this.loaded.value = { state: "loading" };
    try {
      this.loaded.value = { state: "ready", value: await get<Integrations>(at("")) };
    } catch (error) {
      if (this.loaded.value.state !== "ready") this.loaded.value = { state: "failed", problem: words(error) };
    }
  }

  /** After a gap in what we heard. */
  async refresh(): Promise<void> {
    this.live.value = new Map();
    await this.load();
  }

  async sync(connection: string, kind: SyncKind): Promise<void> {
    this.put(connection, { run: "", kind, state: "asked", done: 0, total: null, changed: 0 });
    try {
      await post(one(connection, "/sync"), { kind });
      setTimeout(() => void this.load(), BEGUN_WITHIN); // it may be at work for long before it has a number to tell
    } catch (error) {
      this.put(connection, null);
      throw error;
    }
  }

  /** What a card shows of its sync, also one that began before the page was opened; null between two. */
  liveOf({ connection, runs }: Card): Live | null {
    if (connection.state !== "active") return null;
    const heard = this.live.value.get(connection.id);
    if (heard && heard.state !== "asked") return heard;
    const newest = runs.at(-1);
    if (newest?.state !== "running") return heard ?? null;
    const { id: run, kind, done, total, changed } = newest;
    return { run, kind, state: "running", done, total, changed };
  }

  hear(event: HubEvent): void {
    if (event.type === "SyncProgressed") this.progressed(event);
    if (event.type === "ConnectionChanged") this.loadSoon();
  }

  private progressed(event: SyncProgressed): void {
    const { connection, run, kind, done, total, changed } = event;
    const state = event.state === "done" || event.state === "failed" ? event.state : "running";
    this.put(connection, { run, kind, state, done, total, changed });
    if (state === "running") return;
    this.loadSoon();
    setTimeout(() => {
      if (this.live.value.get(connection)?.run === run) this.put(connection, null);
    }, ENDED_FOR);
  }

  private put(connection: string, live: Live | null): void {
    const all = new Map(this.live.value);
    if (live) all.set(connection, live);
    else all.delete(connection);
    this.live.value = all;
  }

  private loadSoon(): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.load(), SOON);
  }
}

// What is said about them

export const LEVELS: { readonly [level in Level]: { word: string; tone: Tone; glyph: IconName } } = {
  connected: { word: "Connected", tone: "positive", glyph: "check" },
  attention: { word: "Needs attention", tone: "info", glyph: "info" },
  degraded: { word: "Degraded", tone: "warning", glyph: "alert" },
  failed: { word: "Failed", tone: "negative", glyph: "x" },
};

const URGENCY: readonly Level[] = ["failed", "degraded", "attention", "connected"];

export const needsYou = ({ connection }: Card): boolean =>
  connection.state === "active" && connection.level !== "connected";

/** Those that need somebody first; what is disconnected last. */
export function byUrgency(cards: readonly Card[]): Card[] {
  const rank = ({ connection }: Card): number =>
    connection.state === "active" ? URGENCY.indexOf(connection.level) : URGENCY.length;
  return [...cards].sort((a, b) => rank(a) - rank(b));
}

const NUMBERS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"] as const;
const spelt = (count: number): string => NUMBERS[count] ?? String(count);

/** "Five connections. Three need you, shown first." */
export function summary(cards: readonly Card[]): string {
  const active = cards.filter(({ connection }) => connection.state === "active").length;
  const waiting = cards.filter(needsYou).length;
  if (active === 0) return cards.length ? "Nothing is connected any more." : "Nothing is connected yet.";
  const all = `${spelt(active)} connection${active === 1 ? "" : "s"}.`;
  if (waiting === 0) return `${all} All is well.`;
  if (active === 1) return `${all} It needs you.`;
  return `${all} ${spelt(waiting)} need${waiting === 1 ? "s" : ""} you, shown first.`;
}

const KINDS: { readonly [kind: string]: string } = {
  full: "Everything, from the beginning",
  check: "Check for changes",
  sweep: "Nightly comparison",
};

export const kindName = (kind: string): string => KINDS[kind] ?? kind;

const number = new Intl.NumberFormat("en");
export const count = (many: number): string => number.format(many);

const plural = (many: number, one: string, more = `${one}s`): string => `${count(many)} ${many === 1 ? one : more}`;

/** "1,250 of 5,000 products", and how it ended: "Done: 12 were new or different." */
export function progressText({ state, kind, done, total, changed }: Live): string {
  switch (state) {
    case "asked":
      return "Waiting for its turn";
    case "failed":
      return "It did not finish. See why in the sync log.";
    case "done":
      if (changed === 0) return "Done. Nothing had changed.";
      return `Done. ${count(changed)} ${changed === 1 ? "was" : "were"} new or different.`;
    case "running":
      if (kind === "check") return done === 0 ? "Looking for changes" : `${plural(done, "change")} read`;
      if (total !== null) return `${count(Math.min(done, total))} of ${plural(total, "product")}`;
      return done === 0 ? "Asking the shop" : `${plural(done, "product")} read`;
  }
}

/** Between 0 and 1, or null while nobody knows how much there is. */
export function share({ state, done, total }: Live): number | null {
  if (state === "done") return 1;
  if (!total) return state === "failed" ? 0 : null; // what has ended must not look busy
  return Math.min(1, done / total);
}

export function driftText(drift: number | null): string {
  if (drift === null) return "unknown";
  return drift > 0 ? plural(drift, "item") : "none";
}

export type RunResult = { word: string; tone: Tone; glyph: IconName };

export function result(run: Run): RunResult {
  if (run.state === "running") return { word: "Running", tone: "info", glyph: "sync" };
  if (run.state === "failed") return { word: "Failed", tone: "negative", glyph: "x" };
  if (run.drift > run.fixed) return { word: "Drift left", tone: "warning", glyph: "alert" };
  if (run.drift > 0) return { word: "All fixed", tone: "positive", glyph: "check" };
  return { word: "Done", tone: "positive", glyph: "check" };
}

/** "Last 30 runs: 28 done, 1 with drift left, 1 failed". */
export function stripLabel(runs: readonly Run[]): string {
  if (runs.length === 0) return "No run yet";
  const many = new Map<string, number>();
  for (const run of runs) {
    const word = result(run).word.toLowerCase();
    many.set(word, (many.get(word) ?? 0) + 1);
  }
  const told = [...many].map(([word, times]) => `${times} ${word}`).join(", ");
  return `Last ${plural(runs.length, "run")}: ${told}`;
}

/** The first sentence says what happened, the rest what it means: told apart in bold. */
export function headline(text: string): [string, string] {
  const end = /[.!?](?=\s)/.exec(text)?.index;
  return end === undefined ? [text, ""] : [text.slice(0, end + 1), text.slice(end + 1).trim()];
}

/** "40 s", "2 min 4 s": how long something took. */
export function took(from: string, to: string): string {
  const seconds = Math.max(0, Date.parse(to) - Date.parse(from)) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "in 14 min": when the next sync is, or that it is due. */
export function until(at: string, now = new Date()): string {
  const minutes = Math.round((Date.parse(at) - now.getTime()) / 60_000);
  if (minutes <= 0) return "now";
  return minutes < 90 ? `in ${minutes} min` : `in ${Math.round(minutes / 60)} h`;
}

export const detail = (connection: Connection, name: string): string => {
  const value = connection.details[name];
  return typeof value === "string" ? value : "";
};

export const details = (connection: Connection, name: string): readonly string[] => {
  const value = connection.details[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
};

/** A moment in a shop's details, whether it was written as a number or as text. */
export function detailTime(connection: Connection, name: string): string | null {
  const value = connection.details[name];
  if (typeof value !== "string" && typeof value !== "number") return null;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}
