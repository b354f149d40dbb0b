/** A customer's facts in the order and the words an agent reads them in. */

import type { Customer, Fact } from "../../../chat/protocol";

export interface Row {
  key: string;
  label: string;
  fact: Fact;
}

const PROFILE: readonly (readonly [string, string])[] = [
  ["email", "Email"],
  ["phone", "Phone"],
  ["username", "Username"],
  ["address", "Address"],
];

const IN_THE_HEAD = new Set(["name", "avatar_url"]);

export function facts(customer: Customer): Row[] {
  const known = PROFILE.flatMap(([key, label]) => row(key, label, customer.profile[key]));
  const listed = new Set(PROFILE.map(([key]) => key));
  const others = Object.entries(customer.profile)
    .filter(([key]) => !listed.has(key) && !IN_THE_HEAD.has(key))
    .flatMap(([key, fact]) => row(key, label(key), fact));
  const own = Object.entries(customer.attributes).flatMap(([key, fact]) => row(`own ${key}`, label(key), fact));
  const name = customer.profile.name;
  const claimedName = name && !name.verified ? row("name", "Name", name) : []; // the head does not say who says so
  return [...claimedName, ...known, ...others, ...own];
}

const CAPITALS = /\b(vip|id|ltv|vat|url|sku|utm)\b/g;

/** "lifetime_spend" is "Lifetime spend", "vip_tier" is "VIP tier". */
export function label(key: string): string {
  const words = key.replace(/[_-]+/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2").trim().toLowerCase();
  const read = words.replace(CAPITALS, (word) => word.toUpperCase());
  return read.charAt(0).toUpperCase() + read.slice(1);
}

const row = (key: string, label: string, fact: Fact | undefined): Row[] => (fact?.value ? [{ key, label, fact }] : []);
