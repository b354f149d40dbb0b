/** What is searched and read in the help centre: asked of the hub once, and never answered out of turn. */

import { signal } from "@preact/signals";
import type { ProductCard } from "../../../../chat/protocol";
import { ask, Refusal } from "../api";
import { address } from "../help";
import { language } from "../state";

export interface Hit {
  slug: string;
  title: string;
  excerpt: string;
  collection: string;
}

export interface Article {
  slug: string;
  title: string;
  html: string;
  locale: string;
  collection: string;
  updated_at: string;
  minutes: number;
  products: ProductCard[];
  url: string;
}

export type State = "idle" | "loading" | "ready" | "failed" | "missing";

export const query = signal("");
export const found = signal<{ state: State; words: string; items: Hit[] }>({ state: "idle", words: "", items: [] });
export const articles = signal<ReadonlyMap<string, { state: State; article: Article | null }>>(new Map());
export const votes = signal<ReadonlyMap<string, boolean>>(new Map());

const PAUSE = 200; // milliseconds without a key
const LONGEST = 200;
const locale = (): string => language.peek().locale;

let next: ReturnType<typeof setTimeout> | undefined;

/** Search as one types; what comes for words that have changed meanwhile is dropped. */
export function search(widget: string, typed: string, wait = PAUSE): void {
  query.value = typed;
  clearTimeout(next);
  const words = typed.trim().slice(0, LONGEST);
  if (!words) return void (found.value = { state: "idle", words, items: [] });
  found.value = { ...found.peek(), state: "loading", words };
  next = setTimeout(async () => {
    const path = `${address(widget, "/search")}?${new URLSearchParams({ q: words, locale: locale() })}`;
    const items = await ask<{ items: Hit[] }>("GET", path).then(({ items }) => items, () => null);
    if (found.peek().words !== words) return;
    found.value = items ? { state: "ready", words, items } : { state: "failed", words, items: [] };
  }, wait);
}

export async function open(widget: string, slug: string): Promise<void> {
  const known = articles.peek().get(slug);
  if (known?.state === "loading" || known?.state === "ready") return;
  put(slug, "loading");
  try {
    const path = `${address(widget, `/articles/${encodeURIComponent(slug)}`)}?${new URLSearchParams({ locale: locale() })}`;
    put(slug, "ready", await ask<Article>("GET", path));
  } catch (problem) {
    // What no slug can be is refused before it is looked for.
    const isGone = problem instanceof Refusal && [400, 404, 422].includes(problem.status);
    put(slug, isGone ? "missing" : "failed");
  }
}

/** Tell once whether it helped. It only counts, so nobody is troubled when it does not get through. */
export function vote(widget: string, { slug, locale }: Article, helpful: boolean): void {
  votes.value = new Map(votes.peek()).set(slug, helpful);
  const path = address(widget, `/articles/${encodeURIComponent(slug)}/helpful`);
  ask("POST", path, null, { helpful, locale }).catch(() => {});
}

function put(slug: string, state: State, article: Article | null = null): void {
  articles.value = new Map(articles.peek()).set(slug, { state, article });
}
