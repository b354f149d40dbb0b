/** What the hub says, joined with what we know: in any order, any number of times, with the same result. */

import type { Conversation, Message, Record as Activity } from "../../../chat/protocol";

/** Each message once, by its sender's id, in the order of the conversation. */
export function mergeMessages(known: readonly Message[], more: readonly Message[]): Message[] {
  const all = new Map([...known, ...more].map((message) => [message.id, message]));
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}

/** Newest first; of two accounts of one conversation the later one counts. */
export function mergeConversations(known: readonly Conversation[], more: readonly Conversation[]): Conversation[] {
  const all = new Map(known.map((one) => [one.id, one]));
  for (const one of more) {
    const before = all.get(one.id);
    all.set(one.id, before && before.last_seq > one.last_seq ? before : one);
  }
  return [...all.values()].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
}

/** A message was added, by somebody else or by us. */
export function withMessage(before: Conversation | undefined, id: string, message: Message): Conversation {
  const known = before ?? blank(id, message.at);
  if (message.seq <= known.last_seq) return known;
  const ours = message.author.kind === "visitor";
  return {
    ...known,
    last: { text: message.text, author: message.author.kind, at: message.at },
    last_seq: message.seq,
    read_seq: ours ? message.seq : known.read_seq, // who writes has read
    unread: ours ? 0 : known.unread + (isForVisitor(message) ? 1 : 0),
    updated_at: message.at,
  };
}

/** Somebody has read up to `upto`; `messages` are those we have, to count what is left. */
export function withRead(
  known: Conversation,
  reader: "visitor" | "agent",
  upto: number,
  messages: readonly Message[],
): Conversation {
  if (reader === "agent") return { ...known, agent_read_seq: Math.max(known.agent_read_seq, upto) };
  if (upto <= known.read_seq) return known;
  const left = messages.filter((message) => message.seq > upto && isForVisitor(message)).length;
  return { ...known, read_seq: upto, unread: upto >= known.last_seq ? 0 : Math.min(known.unread, left) };
}

/** A conversation we only know from its first message. */
export function blank(id: string, at: string): Conversation {
  return {
    id,
    status: "open",
    assignee: null,
    answering: "",
    last: null,
    last_seq: 0,
    read_seq: 0,
    agent_read_seq: 0,
    unread: 0,
    created_at: at,
    updated_at: at,
  };
}

export function mergeActivity(known: readonly Activity[], one: Activity): Activity[] {
  const isKnown = known.some((each) => each.id === one.id);
  const all = isKnown ? known.map((each) => (each.id === one.id ? one : each)) : [one, ...known];
  return all.sort((a, b) => b.occurred_at.localeCompare(a.occurred_at)); // stable: what is known keeps its place
}

function isForVisitor({ author, kind }: Message): boolean {
  return kind === "text" && (author.kind === "agent" || author.kind === "assistant");
}
