/** The languages the widget speaks: which one a visitor gets, and how a catalog's words become sentences. */

import english from "../words/en.json";

/** One sentence for each of the numbers a language tells apart; `other` is always there. */
export type Forms = { other: string } & { [form in Intl.LDMLPluralRule]?: string };

type Catalog<T> = {
  [K in keyof T]: T[K] extends string ? string : T[K] extends { other: string } ? Forms : Catalog<T[K]>;
};

export type Words = Catalog<typeof english>;

export interface Speech {
  /** For numbers, times and money: the visitor's own variety of the language the words are in. */
  locale: string;
  direction: "ltr" | "rtl";
  words: Words;
  /** A shop's English status in this language, if it is a word one knows; English needs none. */
  meaning(status: string): string;
}

type Other = { default: Words & { statuses: { [name: string]: string } } };

/** English is in the app; each of the others is a file that only those who speak it fetch. */
const OTHERS: { [language: string]: () => Promise<Other> } = {
  de: () => import("../words/de.json"),
  fr: () => import("../words/fr.json"),
  es: () => import("../words/es.json"),
  pt: () => import("../words/pt.json"),
  ar: () => import("../words/ar.json"),
};

export const ENGLISH: Speech = { locale: "en", direction: "ltr", words: english, meaning: () => "" };

/** The first wanted locale that has a catalog, or ""; a country named later says how dates are written. */
export function spoken(wanted: readonly (string | undefined)[]): string {
  const all = wanted.flatMap(canonical);
  const first = all.find((locale) => tongue(locale) === "en" || tongue(locale) in OTHERS) ?? "";
  return all.find((locale) => locale.startsWith(`${first}-`)) ?? first;
}

/** How to speak in a locale that `spoken` has found; English when its words do not come. */
export async function speech(locale: string): Promise<Speech> {
  const language = tongue(locale);
  try {
    if (!(language in OTHERS)) return { ...ENGLISH, locale: locale || "en" };
    const [{ default: words }, { meaning }] = await Promise.all([OTHERS[language]!(), import("./statuses")]);
    const direction = language === "ar" ? "rtl" : "ltr";
    return { locale, direction, words, meaning: (status) => meaning(words.statuses, status) };
  } catch {
    return ENGLISH;
  }
}

/** `fill("Hi {name}!", { name: "Amara" })` */
export function fill(text: string, values: { [name: string]: string }): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

const tongue = (locale: string): string => locale.split("-")[0]!;

function canonical(locale = ""): string[] {
  try {
    return Intl.getCanonicalLocales(locale.replace("_", "-"));
  } catch {
    return []; // a page may say anything in its lang attribute
  }
}
