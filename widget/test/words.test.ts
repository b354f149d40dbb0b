/** The six languages: that none lacks a word, a number or a value, and which one a visitor gets. */

import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { clock, counted, money, statusWord } from "../src/app/format";
import { language } from "../src/app/state";
import { ENGLISH, fill, speech, spoken, type Forms } from "../src/app/words";

const FOLDER = `${import.meta.dirname}/../src/words`;
const LANGUAGES = ["ar", "de", "en", "es", "fr", "pt"];
type Tree = { [key: string]: string | Tree };
const whole = (name: string): Tree => JSON.parse(readFileSync(`${FOLDER}/${name}.json`, "utf8")) as Tree;

/** Without the statuses: what a shop says in English needs no word there. */
function catalog(name: string): Tree {
  const { statuses: _, ...rest } = whole(name);
  return rest;
}

/** Every sentence by its path; the forms of a number count as one sentence. */
function sentences(tree: Tree, path = ""): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (const [key, value] of Object.entries(tree)) {
    const here = `${path}${key}`;
    if (typeof value === "string") all.set(here, [value]);
    else if (typeof value.other === "string") all.set(here, Object.values(value) as string[]);
    else for (const [inner, texts] of sentences(value, `${here}.`)) all.set(inner, texts);
  }
  return all;
}

const numbers = (tree: Tree): Forms[] =>
  Object.values(tree).flatMap((value) =>
    typeof value === "string" ? [] : typeof value.other === "string" ? [value as unknown as Forms] : numbers(value),
  );
const values = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

afterEach(() => void (language.value = ENGLISH));

describe("W23 the catalogs", () => {
  it("W23 are six", () => {
    expect(readdirSync(FOLDER).sort()).toEqual(LANGUAGES.map((name) => `${name}.json`));
  });

  it.each(LANGUAGES)("W23 %s has every word of English and none beside, each with the same values", (name) => {
    const english = sentences(catalog("en"));
    const other = sentences(catalog(name));
    expect([...other.keys()]).toEqual([...english.keys()]);
    for (const [key, texts] of other) {
      const wanted = values(english.get(key)!.join());
      expect(values(texts.join()), key).toEqual(wanted);
      for (const text of texts) expect(text.trim(), key).not.toBe("");
      // The rarer forms of a number may say it in a word; the general one has to say the number itself.
      if (wanted.includes("{count}")) expect(texts.at(-1), key).toContain("{count}");
    }
  });

  it.each(LANGUAGES)("W23 %s has a sentence for each number it tells apart", (name) => {
    const { pluralCategories } = new Intl.PluralRules(name).resolvedOptions();
    for (const forms of numbers(catalog(name))) {
      expect(Object.keys(forms).sort()).toEqual([...pluralCategories].sort());
    }
  });

  it.each(LANGUAGES.filter((name) => name !== "en"))("W23 %s is translated", (name) => {
    const english = sentences(catalog("en"));
    const same = [...sentences(catalog(name))].filter(([key, [text]]) => text === english.get(key)![0]);
    expect(same.length).toBeLessThan(14); // "Online", "Chat", "Article", "Total"
  });
});

describe("W23 the language", () => {
  it.each([
    [["de-AT", "en", "fr"], "de-AT"],
    [["", "pt-BR", "en"], "pt-BR"],
    [[undefined, undefined, "sv", "ar-EG"], "ar-EG"],
    [["zh", "ja", "x-klingon", ""], ""],
  ])("W23 of %j is %j: tag, page, browser, shop, in this order", (wanted, locale) => {
    expect(spoken(wanted)).toBe(locale);
  });

  it.each(LANGUAGES)("W23 %s is spoken, from the right where it is Arabic", async (name) => {
    const said = await speech(name);
    expect(said.words.open).toBe(catalog(name).open);
    expect(said.direction).toBe(name === "ar" ? "rtl" : "ltr");
  });

  it("W23 counts as the language does", async () => {
    language.value = await speech("ar");
    const { articles } = language.value.words;
    expect([0, 1, 2, 3, 11, 100].map((count) => counted(articles, count))).toEqual(
      ["لا مقالات", "مقال واحد", "مقالان", "3 مقالات", "11 مقالًا", "100 مقال"],
    );
    language.value = await speech("fr");
    expect([0, 1, 2].map((count) => counted(language.value.words.articles, count))).toEqual(["0 article", "1 article", "2 articles"]);
  });

  it("W23 writes time and money as the language does, with one kind of digits", async () => {
    language.value = await speech("de");
    expect(money({ minor: 8640, currency: "EUR", text: "86.40" })).toMatch(/^86,40\s€$/);
    expect(clock("2026-11-22T14:02:00")).toBe("14:02");
    language.value = await speech("ar-EG");
    expect(money({ minor: 8640, currency: "EUR", text: "86.40" })).toContain("86.40");
    expect(money({ minor: 12400, currency: "JPY", text: "12400" })).toMatch(/^\u200f12,400\sJP¥\u200e$/);
  });

  it("W23 says what a shop's status means, and leaves alone what nobody knows", async () => {
    language.value = await speech("de");
    const shops = ["in_transit", "wc-on-hold", "Cancelled", "PAID", "expired"];
    expect(shops.map(statusWord)).toEqual(["Unterwegs", "Wartet", "Storniert", "Bezahlt", "Abgelaufen"]);
    expect(statusWord("gebrannt-glasiert")).toBe("Gebrannt glasiert");
    expect(statusWord("constructor")).toBe("Constructor");
    const names = LANGUAGES.filter((name) => name !== "en").map((name) => Object.keys(whole(name).statuses!));
    for (const each of names) expect(each).toEqual(names[0]);
    language.value = ENGLISH;
    expect(statusWord("in_transit")).toBe("In transit");
  });

  it("W23 fills in values as text, whatever they hold", () => {
    expect(fill("Hi {name}! {none}", { name: "$& {name}" })).toBe("Hi $& {name}! ");
  });
});
