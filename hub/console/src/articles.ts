/** The help centre as agents write it: collections, articles in six languages, drafts and what is public. */

import type { ProductCard } from "../../../chat/protocol";
import type { Look } from "./assistant";
import { get, post, put, remove } from "./http";

export const LOCALES = ["en", "de", "fr", "es", "pt", "ar"] as const;
export type Locale = (typeof LOCALES)[number];

export const LANGUAGES: { readonly [locale in Locale]: string } = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
  pt: "Português",
  ar: "العربية",
};

export type Names = { [locale in Locale]?: string };

/** A line of the tree. */
export interface Listed {
  id: string;
  slug: string;
  title: string;
  state: "draft" | "published";
  locales: Locale[];
  changed: boolean; // some language has changes that are not public
}

export interface Collection {
  id: string;
  names: Names;
  icon: string;
  position: number;
  articles: Listed[];
}

export interface Tree {
  help_url: string;
  locale: Locale; // the language that most of it is in
  collections: Collection[];
}

export interface Text {
  title: string;
  body: string; // Markdown
  state: "draft" | "published";
  changed: boolean;
  updated_at: string;
  updated_by: string;
  published_at: string | null;
}

export interface Article {
  id: string;
  slug: string;
  collection: string;
  position: number;
  texts: { [locale in Locale]?: Text };
  helpful: { yes: number; no: number };
  url: string;
}

export interface Preview {
  html: string; // sanitised by the hub, with empty places for products
  products: ProductCard[];
}

const BASE = "/console/api/articles";
const one = (id: string, what = ""): string => `${BASE}/${encodeURIComponent(id)}${what}`;
const SHELVES = "/console/api/collections";
const shelf = (id: string): string => `${SHELVES}/${encodeURIComponent(id)}`;

export const tree = (): Promise<Tree> => get(BASE);
export const article = (id: string): Promise<Article> => get(one(id));
export const text = async (id: string, locale: Locale): Promise<Text | undefined> => (await article(id)).texts[locale];
export const createArticle = (title: string, locale: Locale, collection: string): Promise<{ id: string }> =>
  post(BASE, { title, locale, collection });
export const changeArticle = (id: string, change: Partial<Pick<Article, "slug" | "collection" | "position">>): Promise<Article> =>
  put(one(id), change);
export const deleteArticle = (id: string): Promise<void> => remove(one(id));
const NEVER = "1970-01-01T00:00:00Z"; // there was no text: whatever is there now is newer
/** Refused as "newer" if the hub's text is not the one of `since` any more. */
export const saveText = (id: string, locale: Locale, title: string, body: string, since: string): Promise<Text> =>
  put(one(id, `/${locale}`), { title, body, since: since || NEVER });
export const publish = (id: string, locale: Locale): Promise<unknown> => post(one(id, `/${locale}/publish`));
export const unpublish = (id: string, locale: Locale): Promise<unknown> => post(one(id, `/${locale}/unpublish`));
export const deleteText = (id: string, locale: Locale): Promise<void> => remove(one(id, `/${locale}`));
export const preview = (body: string, abort: AbortSignal): Promise<Preview> => post(`${BASE}/preview`, { body }, abort);

type Shelf = Partial<Pick<Collection, "names" | "icon" | "position">>;
export const createCollection = (shelving: Shelf): Promise<{ id: string }> => post(SHELVES, shelving);
export const changeCollection = (id: string, change: Shelf): Promise<unknown> => put(shelf(id), change);
export const deleteCollection = (id: string): Promise<void> => remove(shelf(id));

export const TEXT_STATES: { readonly [state in "none" | "draft" | "published" | "changed"]: Look } = {
  none: { word: "Not written", tone: "neutral", glyph: "plus" },
  draft: { word: "Draft", tone: "neutral", glyph: "edit" },
  published: { word: "Published", tone: "positive", glyph: "check" },
  changed: { word: "Changes not published", tone: "warning", glyph: "edit" },
};

export function textState(text: Pick<Text, "state" | "changed"> | undefined): keyof typeof TEXT_STATES {
  if (!text) return "none";
  if (text.state === "draft") return "draft";
  return text.changed ? "changed" : "published";
}

/** Whether visitors see it in any language. */
export const isPublic = ({ texts }: Pick<Article, "texts">): boolean =>
  LOCALES.some((one) => texts[one]?.state === "published");

/** A collection's name in the reader's language, or in the first it has. */
export const shelfName = ({ names }: Pick<Collection, "names">): string =>
  LOCALES.map((locale) => names[locale]).find(Boolean) ?? "Unnamed";

/** The language that the others are translated from: the help centre's own, else the first that is public, or written. */
export function homeOf({ texts }: Pick<Article, "texts">, own: Locale = "en"): Locale {
  if (texts[own]) return own;
  return LOCALES.find((one) => texts[one]?.state === "published") ?? LOCALES.find((one) => texts[one]) ?? "en";
}

/** Public languages whose text is older than what they were translated from. */
export function olderThanHome(article: Pick<Article, "texts">, own?: Locale): Locale[] {
  const home = homeOf(article, own);
  const since = article.texts[home]?.published_at;
  if (!since) return [];
  return LOCALES.filter((one) => {
    const at = article.texts[one]?.published_at;
    return one !== home && at != null && Date.parse(at) < Date.parse(since);
  });
}

/** What a reply may point to, in the order of the help centre. */
export async function published(): Promise<{ slug: string; title: string; url: string; excerpt: string }[]> {
  const { help_url, collections } = await tree();
  return collections.flatMap((shelf) =>
    shelf.articles
      .filter(({ state }) => state === "published")
      .map(({ slug, title }) => ({ slug, title, url: `${help_url}/${encodeURIComponent(slug)}`, excerpt: shelfName(shelf) })),
  );
}

/** Collections with the articles that have every word; those with none are left out. */
export function found(collections: readonly Collection[], words: string): Collection[] {
  const wanted = words.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [...collections];
  const has = ({ title, slug }: Listed): boolean =>
    wanted.every((word) => title.toLocaleLowerCase().includes(word) || slug.includes(word));
  return collections.map((one) => ({ ...one, articles: one.articles.filter(has) })).filter((one) => one.articles.length > 0);
}

/** Where an article comes to stand when it goes one up or down; null at the ends. */
export function step(collections: readonly Collection[], id: string, by: 1 | -1): { collection: string; position: number } | null {
  const at = collections.findIndex((one) => one.articles.some((article) => article.id === id));
  const here = collections[at];
  if (!here) return null;
  const position = here.articles.findIndex((article) => article.id === id) + by;
  if (position >= 0 && position < here.articles.length) return { collection: here.id, position };
  const next = collections[at + by]; // over the edge, into the neighbour
  return next ? { collection: next.id, position: by > 0 ? 0 : next.articles.length } : null;
}

const WORDS_A_MINUTE = 200;

export function minutes(body: string): string {
  const many = body.trim() ? body.trim().split(/\s+/).length : 0;
  return `${Math.max(1, Math.round(many / WORDS_A_MINUTE))} min read`;
}

/** How many found it helpful: "92% of 41 said yes". */
export function helpfulText({ yes, no }: Article["helpful"]): string {
  const all = yes + no;
  if (all === 0) return "Nobody has rated it yet";
  return `${Math.round((100 * yes) / all)}% of ${all} found it helpful`;
}
