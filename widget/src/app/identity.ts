/** Who the page says its visitor is, brought into the shape the hub takes. */

import type { Identity } from "../bridge";

/** The body of `POST /v1/chat/identify`. */
export interface Claims {
  user_id?: string;
  user_hash?: string;
  user_token?: string;
  name?: string;
  email?: string;
  attributes?: { [name: string]: unknown };
}

const FIELDS = ["user_id", "user_hash", "user_token", "name", "email"] as const;

/** Everything said so far as one; null when that is nothing. Facts about one customer add up, another starts anew. */
export function claims(said: readonly Identity[]): Claims | null {
  const known = said.map(cleaned).reduce<Claims>((before, next) => {
    if (next.user_id && before.user_id && next.user_id !== before.user_id) return next;
    const attributes = { ...before.attributes, ...next.attributes };
    return { ...before, ...next, ...(Object.keys(attributes).length && { attributes }) };
  }, {});
  return Object.keys(known).length ? known : null;
}

/** What is left when the proof was refused: claims an agent sees as such. */
export function unproven({ user_id: _, user_hash: __, user_token: ___, ...rest }: Claims): Claims {
  return rest;
}

/** Whose claims these are, as far as the page says. */
export function subject(claims: Claims | null): string {
  return claims?.user_id ?? claims?.user_token ?? "";
}

export function hasProof(claims: Claims | null): boolean {
  return !!(claims?.user_hash || claims?.user_token);
}

/** Tells two sets of claims apart without keeping the proof they hold. */
export function fingerprint(claims: Claims | null): string {
  let hash = 5381;
  for (const unit of JSON.stringify(claims)) hash = (hash * 33 + unit.charCodeAt(0)) % 9007199254740;
  return hash.toString(36);
}

function cleaned(said: Identity | null): Claims {
  const claims: Claims = {};
  if (!said || typeof said !== "object") return claims;
  for (const field of FIELDS) {
    const value = said[field];
    if (value != null && value !== "") claims[field] = String(value); // shops often give ids as numbers
  }
  const { attributes } = said;
  if (attributes && typeof attributes === "object") claims.attributes = { ...attributes };
  return claims;
}
