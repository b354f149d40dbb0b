/** Where one is: the address holds every filter, so that any screen can be linked to and reloaded. */

import { computed, signal } from "@preact/signals";
import type { Status } from "../../../chat/protocol";

export const TABS = ["mine", "unassigned", "assistant", "all"] as const;
export const STATUSES = ["open", "pending", "snoozed", "resolved", "any"] as const;
const PAGES = ["install", "launcher", "integrations", "developers", "assistant", "discounts"] as const;

export type Tab = (typeof TABS)[number];
export type StatusFilter = Status | "any";
export type Page = (typeof PAGES)[number];

export interface Filter {
  tab: Tab;
  status: StatusFilter;
  q: string;
}

export interface InboxPlace extends Filter {
  screen: "inbox";
  conversation: string | null;
  customer: boolean; // the customer panel, where it does not fit beside the conversation
}

export interface SettingsPlace {
  screen: "settings";
  page: Page | null; // null: the list of pages, on a phone
  within?: string[]; // a place below the page: one connection, a connector to connect
  query?: string; // what the page itself reads, such as the filter of a table
}

export interface ArticlesPlace {
  screen: "articles";
  article: string | null;
  locale?: string; // the language that is open, where it is not the first
  q?: string;
}

export type Place = InboxPlace | ArticlesPlace | SettingsPlace;

const BASE = "/console";

export const INBOX: InboxPlace = {
  screen: "inbox",
  conversation: null,
  tab: "mine",
  status: "open",
  q: "",
  customer: false,
};

/** The place an address means; anything unknown is the inbox. */
export function parse(path: string, search: string): Place {
  const [screen, name, ...within] = path.slice(BASE.length).split("/").filter(Boolean).map(decoded);
  if (screen === "settings") return settings(oneOf(PAGES, name), within, search.replace(/^\?/, ""));
  const query = new URLSearchParams(search);
  if (screen === "articles") return articles(name, query);
  return {
    screen: "inbox",
    conversation: (screen === "inbox" && name) || null,
    tab: oneOf(TABS, query.get("tab")) ?? INBOX.tab,
    status: oneOf(STATUSES, query.get("status")) ?? INBOX.status,
    q: query.get("q") ?? "",
    customer: query.has("customer"),
  };
}

function articles(article: string | undefined, query: URLSearchParams): ArticlesPlace {
  const [locale, q] = [query.get("lang"), query.get("q")];
  return { screen: "articles", article: article ?? null, ...(locale && { locale }), ...(q && { q }) };
}

function settings(page: Page | null, within: string[], query: string): SettingsPlace {
  if (!page) return { screen: "settings", page };
  return { screen: "settings", page, ...(within.length && { within }), ...(query && { query }) };
}

/** The address of a place; what is as usual is left out. */
export function address(place: Place): string {
  if (place.screen === "settings") {
    const path = [BASE, "settings", place.page, ...(place.within ?? []).map(encodeURIComponent)];
    return path.filter(Boolean).join("/") + (place.query ? `?${place.query}` : "");
  }
  if (place.screen === "articles") return articlesAddress(place);
  const query = new URLSearchParams();
  for (const name of ["tab", "status", "q"] as const) {
    if (place[name] !== INBOX[name]) query.set(name, place[name]);
  }
  if (place.customer) query.set("customer", "1");
  const path = [BASE, "inbox", place.conversation && encodeURIComponent(place.conversation)];
  return path.filter(Boolean).join("/") + (query.size ? `?${query}` : "");
}

function articlesAddress({ article, locale, q }: ArticlesPlace): string {
  const query = new URLSearchParams({ ...(locale && { lang: locale }), ...(q && { q }) });
  const path = [BASE, "articles", article && encodeURIComponent(article)];
  return path.filter(Boolean).join("/") + (query.size ? `?${query}` : "");
}

const here = (): Place => parse(location.pathname, location.search);

export const place = signal<Place>(globalThis.location ? here() : INBOX);

/** The inbox as it was last seen: Settings and back again loses no filter. */
export const inboxPlace = signal<InboxPlace>(INBOX);

const filterText = computed<string>(() => {
  const { tab, status, q } = inboxPlace.value;
  return JSON.stringify({ tab, status, q });
});

/** Of the inbox; opening another conversation leaves it the same object, so nothing is loaded again. */
export const filter = computed<Filter>(() => JSON.parse(filterText.value));

export const openConversation = computed<string | null>(() =>
  place.value.screen === "inbox" ? place.value.conversation : null,
);

export function go(to: Place, options: { replace?: boolean } = {}): void {
  const target = address(to);
  if (target !== location.pathname + location.search) {
    history[options.replace ? "replaceState" : "pushState"](null, "", target);
  }
  arrive();
}

/** Makes links and the browser's own buttons move without a reload. */
export function startRouter(): void {
  addEventListener("popstate", arrive);
  document.addEventListener("click", followLink);
  arrive();
}

function arrive(): void {
  const now = here();
  place.value = now;
  if (now.screen === "inbox") inboxPlace.value = now;
}

function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element).closest?.("a");
  if (!link || link.target || link.origin !== location.origin) return;
  if (link.pathname !== BASE && !link.pathname.startsWith(`${BASE}/`)) return;
  event.preventDefault();
  go(parse(link.pathname, link.search));
}

function oneOf<T extends string>(allowed: readonly T[], value: string | null | undefined): T | null {
  return allowed.find((one) => one === value) ?? null;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray % in a typed address
  }
}
