/** Rows, messages and records for the tests, each whole, with only what matters spelled out. */

import type { InboxRow, Message, Person } from "../../../chat/protocol";

export const NADIA: Person = { id: "agt_nadia", name: "Nadia Osei", avatar_url: "" };
export const RUBEN: Person = { id: "agt_ruben", name: "Ruben Vega", avatar_url: "" };

export const at = (minute: number): string => new Date(Date.UTC(2026, 10, 22, 12, minute)).toISOString();

export const row = (change: Partial<InboxRow> = {}): InboxRow => ({
  id: "cnv_1",
  status: "open",
  assignee: NADIA,
  answering: "people",
  why: null,
  customer_name: "Amara Okafor",
  avatar_url: "",
  verified: true,
  source: "customer_data",
  last: { text: "Hi", author: "visitor", at: at(0) },
  last_seq: 4,
  unread: 0,
  visitor_read_seq: 4,
  agent_read_seq: 4,
  created_at: at(0),
  updated_at: at(0),
  ...change,
});

export const message = (seq: number, change: Partial<Message> = {}): Message => ({
  id: `message-${seq}`,
  seq,
  author: { kind: "visitor", id: "vis_1", name: "", avatar_url: "" },
  kind: "text",
  text: `Words ${seq}`,
  at: at(seq),
  cards: [],
  ...change,
});

export const byAgent = (person: Person): Pick<Message, "author"> => ({ author: { kind: "agent", ...person } });

/** A browser's storage, in memory. */
export function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
    key: () => null,
    length: 0,
  };
}
