/** Keys of the Customer-Data API: listed by their hint, shown once, exchanged and revoked. */

import { get, post, remove } from "./http";

export interface ApiKey {
  id: string;
  name: string;
  hint: string;
  scopes: string[];
  created_at: string;
  created_by: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface MadeKey extends ApiKey {
  key: string; // this once
}

export interface Scope {
  name: string;
  about: string;
}

export const SCOPES: readonly Scope[] = [
  { name: "identify", about: "Create and update customers and their attributes." },
  { name: "records", about: "Push orders, deposits, withdrawals and payments, and remove them." },
  { name: "products", about: "Push the catalog that agents show in conversations." },
  { name: "widgets", about: "Create and change widgets from your server." },
];

export const keys = async (): Promise<ApiKey[]> => (await get<{ items: ApiKey[] }>("/console/api/keys")).items;

export const makeKey = (name: string, scopes: readonly string[]): Promise<MadeKey> =>
  post("/console/api/keys", { name, scopes });

/** `now`: the old one stops working at once, not in 24 hours. */
export const rotateKey = (id: string, now: boolean): Promise<MadeKey> =>
  post(`/console/api/keys/${encodeURIComponent(id)}/rotate`, now ? { now } : {});

export const revokeKey = (id: string): Promise<void> => remove(`/console/api/keys/${encodeURIComponent(id)}`);
