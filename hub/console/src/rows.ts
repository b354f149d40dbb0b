/** The rows of the inbox: which view each belongs to, and how an event changes one. */

import type { HubEvent, InboxRow, Message } from "../../../chat/protocol";
import type { Filter, Tab } from "./router";

export type Rows = ReadonlyMap<string, InboxRow>;
export type Counts = { readonly [tab in Tab]: number };

export const NO_COUNTS: Counts = { mine: 0, unassigned: 0, assistant: 0, all: 0 };

function inTab(row: InboxRow, tab: Tab, me: string): boolean {
  if (tab === "mine") return row.assignee?.id === me;
  if (tab === "assistant") return row.answering === "assistant";
  return tab === "all" || (row.assignee === null && row.answering !== "assistant");
}

const inStatus = (row: InboxRow, status: Filter["status"]): boolean =>
  status === "any" || row.status === status;

/** Only messages move a row: not its status, its assignee or a note. */
export const lastMoved = (row: InboxRow): string => row.updated_at;

/** Newest activity first; ids decide between equals, as the hub's own pages do. */
function byActivity(one: InboxRow, other: InboxRow): number {
  const [a, b] = [Date.parse(lastMoved(one)), Date.parse(lastMoved(other))];
  return b - a || (one.id < other.id ? 1 : -1);
}

/**
 * The rows a view shows, in order. While older pages are still on the hub, rows older than
 * `horizon` are left out: the gap between them and the loaded ones is not known.
 */
export function shown(rows: Rows, filter: Filter, me: string, horizon: string | null): InboxRow[] {
  const edge = horizon === null ? -Infinity : Date.parse(horizon);
  return [...rows.values()]
    .filter((row) => inTab(row, filter.tab, me) && inStatus(row, filter.status))
    .filter((row) => Date.parse(lastMoved(row)) >= edge)
    .sort(byActivity);
}

/** The row after an event about its conversation. */
export function afterEvent(row: InboxRow, event: HubEvent): InboxRow {
  switch (event.type) {
    case "MessageAdded":
      return withMessage(row, event.message);
    case "NoteAdded":
      return { ...row, last_seq: Math.max(row.last_seq, event.message.seq) };
    case "ConversationChanged":
      return { ...row, status: event.status, assignee: event.assignee, answering: event.answering };
    case "HandedOver":
      return { ...row, why: event.handover.why };
    case "MessagesRead":
      return withRead(row, event.reader, event.upto);
    default:
      return row;
  }
}

/**
 * As the hub does it: who speaks has read what was there, and an answer leaves nothing unread. The
 * assistant's last words before a person takes over are no answer.
 */
function withMessage(row: InboxRow, message: Message): InboxRow {
  if (message.seq <= row.last_seq) return row; // already counted by the answer that brought the row
  const { seq, at, text, author } = message;
  const byVisitor = author.kind === "visitor";
  const answered = author.kind === "agent" || (!byVisitor && row.answering === "assistant");
  return {
    ...row,
    last_seq: seq,
    last: { text: text || cardLine(message), author: author.kind, at },
    unread: byVisitor ? row.unread + 1 : answered ? 0 : row.unread,
    agent_read_seq: answered ? seq : row.agent_read_seq,
    visitor_read_seq: byVisitor ? seq : row.visitor_read_seq,
    updated_at: at,
  };
}

function withRead(row: InboxRow, reader: "agent" | "visitor", upto: number): InboxRow {
  if (reader === "visitor") {
    return { ...row, visitor_read_seq: Math.max(row.visitor_read_seq, upto) };
  }
  const read = Math.max(row.agent_read_seq, upto);
  return { ...row, agent_read_seq: read, unread: read >= row.last_seq ? 0 : row.unread };
}

/** What a message without words shows first. */
function cardLine({ cards: [card] }: Message): string {
  if (!card) return "";
  if ("title" in card) return card.title;
  return card.type === "order" ? card.number : "";
}

/** The counts once `before` has become `after`; both in the same conversation. */
export function recount(counts: Counts, before: InboxRow, after: InboxRow, filter: Filter, me: string): Counts {
  const change = (tab: Tab): number => {
    const counted = (row: InboxRow): number =>
      Number(inTab(row, tab, me) && inStatus(row, filter.status));
    return counts[tab] + counted(after) - counted(before);
  };
  return {
    mine: change("mine"),
    unassigned: change("unassigned"),
    assistant: change("assistant"),
    all: change("all"),
  };
}

/** How many conversations wait for this agent: unread, open, theirs or nobody's, and not being answered. */
export function waiting(rows: Rows, me: string): number {
  let count = 0;
  for (const row of rows.values()) {
    const mine = row.assignee === null || row.assignee.id === me;
    if (row.unread > 0 && row.status === "open" && mine && row.answering !== "assistant") count += 1;
  }
  return count;
}
