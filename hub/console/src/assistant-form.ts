/** The assistant's limits as a form: text while it is typed, and only what changed when it is saved. */

import type { Settings } from "./assistant";

export const NUMBERS = ["answers", "tokens_a_day", "tokens_a_visitor"] as const;
export const PRICES = ["price_in", "price_out", "cost_a_day"] as const;

type Name = (typeof NUMBERS)[number] | (typeof PRICES)[number] | "discount_percent" | "currency" | "words";

export type Form = { readonly [name in Name]: string };
export type Wrong = { [name in Name]?: string };

const WORDS = 100;

export function toForm(saved: Settings): Form {
  const { discount_percent, answers, tokens_a_day, tokens_a_visitor, price_in, price_out, currency, cost_a_day, words } = saved;
  return {
    discount_percent,
    answers: String(answers),
    tokens_a_day: String(tokens_a_day),
    tokens_a_visitor: String(tokens_a_visitor),
    price_in,
    price_out,
    currency,
    cost_a_day: cost_a_day ?? "",
    words: words.join("\n"),
  };
}

/** Words as people type them: one a line, or with commas between. */
export const wordList = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\n,;]+/)
      .map((word) => word.trim())
      .filter(Boolean),
  ),
];

export function changes(saved: Form, form: Form): Partial<Settings> {
  const changed = (Object.keys(form) as Name[]).filter((name) => form[name].trim() !== saved[name].trim());
  return Object.fromEntries(changed.map((name) => [name, sent(name, form[name].trim())]));
}

function sent(name: Name, text: string): unknown {
  if (name === "words") return wordList(text);
  if (name === "currency") return text.toUpperCase();
  if (isOneOf(NUMBERS, name)) return Number(digits(text));
  if (name === "cost_a_day") return dotted(text) || null;
  return dotted(text) || "0";
}

/** What can be seen to be wrong before it is sent. */
export function problems(form: Form): Wrong {
  const wrong: Wrong = {};
  const percent = form.discount_percent.trim();
  if (percent && (!/^\d{1,3}([.,]\d{1,2})?$/.test(percent) || Number(dotted(percent)) > 100)) {
    wrong.discount_percent = "Between 0 and 100.";
  }
  for (const name of NUMBERS) if (!/^\d{1,12}$/.test(digits(form[name]))) wrong[name] = "A whole number.";
  if (!wrong.answers && Number(digits(form.answers)) < 1) wrong.answers = "At least 1.";
  for (const name of PRICES) {
    if (form[name].trim() && !/^\d{1,6}([.,]\d{1,6})?$/.test(form[name].trim())) wrong[name] = "An amount, such as 0.40.";
  }
  if (form.currency.trim() && !/^[a-z]{3}$/i.test(form.currency.trim())) wrong.currency = "Three letters, such as EUR.";
  const words = wordList(form.words);
  if (words.length > WORDS) wrong.words = `At most ${WORDS} words.`;
  const odd = words.find((word) => word.length < 2 || word.length > 60);
  if (odd) wrong.words = `“${odd.slice(0, 20)}” needs 2 to 60 letters.`;
  return wrong;
}

const dotted = (text: string): string => text.trim().replace(",", ".");

/** 2 000 000 and 2,000,000 are the number people mean. */
const digits = (text: string): string => text.replace(/[\s,.’'\u202f\u00a0]/g, "");

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T => names.some((one) => one === name);
