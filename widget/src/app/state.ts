/** Everything the screens show, as signals. Only `chat.ts` and `events.ts` change what the hub said. */

import { computed, signal, type Signal } from "@preact/signals";
import type { Conversation, Message, Person, Record as Activity } from "../../../chat/protocol";
import type { Look } from "../bridge";
import type { Status } from "./connection";
import type { Outgoing } from "./outbox";
import type { Held } from "./sessions";
import { ENGLISH, type Speech } from "./words";

export type Screen =
  | { name: "home" | "messages" | "activity" }
  | { name: "help"; seek?: boolean } // with the search box in hand
  | { name: "collection"; id: string }
  | { name: "article"; slug: string; from: Screen }
  | { name: "conversation"; id: string; from: "home" | "messages" | Screen };

/** A list that is fetched: `items` stay on screen while it is fetched again. */
export interface Fetched<T> {
  state: "idle" | "loading" | "ready" | "failed";
  items: T[];
}

/** One conversation's messages, oldest first, as far back as they were fetched. */
export interface Thread extends Fetched<Message> {
  more: boolean; // there are older ones
  typing: { name: string; avatar_url: string; id: string; bot?: boolean } | null;
  draft: { id: string; text: string } | null; // what the assistant has written so far
}

/** What the help centre has published, in the visitor's language as far as it goes. */
export interface Help {
  state: "idle" | "loading" | "ready" | "failed";
  total: number;
  url: string; // of the public pages
  collections: Collection[];
}

export interface Collection {
  id: string;
  name: string;
  icon: string;
  articles: ArticleLink[];
}

export interface ArticleLink {
  slug: string;
  title: string;
  excerpt: string;
}

export const NOTHING: Fetched<never> = { state: "idle", items: [] };
export const EMPTY: Thread = { state: "idle", items: [], more: false, typing: null, draft: null };

export const appearance = signal<Look | null>(null);
export const language = signal<Speech>(ENGLISH);
export const open = signal(false); // the panel is on the page
export const screen = signal<Screen>({ name: "home" });
export const session = signal<Held | null>(null);
export const decided = signal(false); // whether there is a session, or none
export const known = signal(false); // somebody who was here before: there may be conversations
export const proving = signal(false); // the page has sent a proof, and the hub is looking at it
export const status = signal<Status>("connecting");
export const online = signal<boolean | null>(null); // an agent is there; null until the hub has said
export const agents = signal<Person[]>([]);
export const conversations = signal<Fetched<Conversation>>(NOTHING);
export const activity = signal<Fetched<Activity>>(NOTHING);
export const threads = signal<ReadonlyMap<string, Thread>>(new Map());
export const outgoing = signal<readonly Outgoing[]>([]);
export const asked = signal<ReadonlySet<string>>(new Set()); // conversations whose visitor has asked for a person
export const help = signal<Help>({ state: "idle", total: 0, url: "", collections: [] });
export const about = signal<ArticleLink | null>(null); // the article a new message is about
export const reach = signal(""); // where the visitor can be reached, as they said
export const minute = signal(Date.now()); // for "2 min"; moves once a minute

export const verified = computed(() => /^(hmac|token)$/.test(session.value?.assurance ?? ""));
export const hasHelp = computed(() => help.value.total > 0);
export const unread = computed(() => conversations.value.items.reduce((sum, one) => sum + one.unread, 0));

export const row = (id: string): Conversation | undefined => conversations.value.items.find((one) => one.id === id);
export const words = (): Speech["words"] => language.value.words;
/** Of the conversation on the screen. */
export const currentThread = (): Thread => (screen.value.name === "conversation" ? thread(screen.value.id) : EMPTY);
export const thread = (id: string): Thread => threads.value.get(id) ?? EMPTY;

export function change<T>(of: Signal<T>, to: Partial<T>): void {
  of.value = { ...of.peek(), ...to };
}

export function changeThread(id: string, to: Partial<Thread>): void {
  threads.value = new Map(threads.peek()).set(id, { ...thread(id), ...to });
}

/** One name for each screen: where the focus goes back to, and what is drawn anew. */
export function keyOf(screen: Screen): string {
  const which = screen.name === "article" ? screen.slug : "id" in screen ? screen.id : "";
  return which ? `${screen.name}:${which}` : screen.name;
}

/** Another visitor may be next: nothing of this one stays. */
export function forget(): void {
  session.value = null;
  known.value = false;
  screen.value = { name: "home" };
  conversations.value = NOTHING;
  activity.value = NOTHING;
  threads.value = new Map();
  outgoing.value = [];
  asked.value = new Set();
  about.value = null;
  reach.value = "";
}
