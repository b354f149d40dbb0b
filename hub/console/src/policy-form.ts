/** The discount policy as a form: text while it is typed, and only what changed when it is saved. */

import { digits } from "./amounts";
import type { Policy } from "./discounts";

export const PERCENTS = ["highest_percent", "approval_percent"] as const;
export const AMOUNTS = ["highest_amount", "approval_amount", "minimum", "value_a_day", "refund_limit"] as const;
export const NUMBERS = ["valid_days", "per_customer", "per_customer_days", "per_conversation", "codes_a_day"] as const;

type TextName = (typeof PERCENTS)[number] | (typeof AMOUNTS)[number] | (typeof NUMBERS)[number] | "currency";

export type Form = { [name in TextName]: string } & { assistant: boolean };
export type Wrong = { [name in TextName]?: string };

export function toForm(policy: Policy): Form {
  const amounts = AMOUNTS.map((name) => [name, policy[name]?.text ?? ""]);
  const numbers = NUMBERS.map((name) => [name, String(policy[name])]);
  const { highest_percent, approval_percent, currency, assistant } = policy;
  return { highest_percent, approval_percent, currency, assistant, ...Object.fromEntries([...amounts, ...numbers]) };
}

/** What the hub is told: exact text for percentages and amounts, null for none. */
export function changes(saved: Form, form: Form): { [name: string]: unknown } {
  const changed: { [name: string]: unknown } = {};
  for (const name of Object.keys(form) as (keyof Form)[]) {
    if (form[name] !== saved[name]) changed[name] = sent(name, form);
  }
  return changed;
}

function sent(name: keyof Form, form: Form): unknown {
  if (name === "assistant") return form.assistant;
  const text = form[name].trim().replace(",", ".");
  if (name === "currency") return text.toUpperCase();
  if (isOneOf(NUMBERS, name)) return Number(text);
  if (isOneOf(AMOUNTS, name)) return text || (name === "refund_limit" ? "0" : null);
  return text || "0";
}

/** What can be seen to be wrong before it is sent. */
export function problems(form: Form): Wrong {
  const wrong: Wrong = {};
  for (const name of PERCENTS) {
    if (!/^\d{1,3}([.,]\d{1,2})?$/.test(form[name].trim()) || Number(form[name].replace(",", ".")) > 100) {
      wrong[name] = "Between 0 and 100.";
    }
  }
  for (const name of NUMBERS) if (!/^\d{1,6}$/.test(form[name].trim())) wrong[name] = "A whole number.";
  for (const name of AMOUNTS) {
    const said = amountProblem(form[name], form.currency);
    if (said) wrong[name] = said;
  }
  if (form.currency.trim() && !/^[a-z]{3}$/i.test(form.currency.trim())) wrong.currency = "Three letters, such as EUR.";
  return wrong;
}

function amountProblem(typed: string, currency: string): string {
  const text = typed.trim();
  if (!text) return "";
  const found = /^\d{1,12}(?:[.,](\d+))?$/.exec(text);
  if (!found) return "An amount, such as 25.00.";
  const places = digits(currency.trim().toUpperCase() || "EUR");
  return (found[1]?.length ?? 0) > places ? `${currency.toUpperCase()} has ${places || "no"} decimals.` : "";
}

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T => names.some((one) => one === name);
