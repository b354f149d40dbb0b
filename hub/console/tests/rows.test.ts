import { describe, expect, it } from "vitest";
import type { HubEvent } from "../../../chat/protocol";
import { afterEvent, NO_COUNTS, recount, shown, waiting } from "../src/rows";
import { at, byAgent, message, NADIA, row, RUBEN } from "./make";

const ME = NADIA.id;
const OPEN = { tab: "mine", status: "open", q: "" } as const;
const about = { conversation: "cnv_1", visitor: null, customer: null };

const heard = (event: object): HubEvent => ({ seq: 9, ...about, ...event }) as HubEvent;
const rows = (...all: ReturnType<typeof row>[]) => new Map(all.map((one) => [one.id, one]));

describe("G1 the inbox is live", () => {
  it("G1: a visitor's message moves the row, counts as unread and is its last line", () => {
    const event = heard({ type: "MessageAdded", message: message(5, { text: "Where is it?" }) });
    const after = afterEvent(row(), event);
    expect(after).toMatchObject({ last_seq: 5, unread: 1, updated_at: at(5) });
    expect(after.last).toEqual({ text: "Where is it?", author: "visitor", at: at(5) });
  });

  it("G1: an agent's answer leaves nothing unread", () => {
    const event = heard({ type: "MessageAdded", message: message(5, byAgent(RUBEN)) });
    expect(afterEvent(row({ unread: 3, agent_read_seq: 1 }), event)).toMatchObject({ unread: 0, agent_read_seq: 5 });
  });

  it("G1: a message the row already counts is not counted again", () => {
    const known = row({ last_seq: 5, unread: 1 });
    expect(afterEvent(known, heard({ type: "MessageAdded", message: message(5) }))).toBe(known);
  });

  it("G5: a private note neither moves the row nor shows as its last line", () => {
    const before = row();
    const after = afterEvent(before, heard({ type: "NoteAdded", message: message(5, { kind: "note" }) }));
    expect(after).toEqual({ ...before, last_seq: 5 });
  });

  it("G1: reading up to the end clears the number, reading a part does not", () => {
    const before = row({ unread: 2, agent_read_seq: 2 });
    const read = (upto: number) => afterEvent(before, heard({ type: "MessagesRead", reader: "agent", upto }));
    expect(read(4)).toMatchObject({ unread: 0, agent_read_seq: 4 });
    expect(read(3)).toMatchObject({ unread: 2, agent_read_seq: 3 });
  });

  it("G1: an old read mark never takes a newer one back", () => {
    const event = heard({ type: "MessagesRead", reader: "visitor", upto: 2 });
    expect(afterEvent(row({ visitor_read_seq: 4 }), event).visitor_read_seq).toBe(4);
  });
});

describe("G5 views of the inbox", () => {
  const mine = row({ id: "a", updated_at: at(1) });
  const hers = row({ id: "b", assignee: RUBEN, updated_at: at(3) });
  const nobodys = row({ id: "c", assignee: null, updated_at: at(2) });
  const done = row({ id: "d", status: "resolved", updated_at: at(4) });
  const all = rows(mine, hers, nobodys, done);

  it("G5: each tab has its own rows, newest activity first", () => {
    const ids = (tab: "mine" | "unassigned" | "all") =>
      shown(all, { ...OPEN, tab }, ME, null).map((one) => one.id);
    expect(ids("mine")).toEqual(["a"]);
    expect(ids("unassigned")).toEqual(["c"]);
    expect(ids("all")).toEqual(["b", "c", "a"]);
  });

  it("G5: a resolved conversation leaves the open ones and their counts", () => {
    const before = mine;
    const after = { ...mine, status: "resolved" as const };
    expect(shown(rows(after), OPEN, ME, null)).toEqual([]);
    const counts = { mine: 1, unassigned: 1, assistant: 0, all: 3 };
    expect(recount(counts, before, after, OPEN, ME)).toEqual({ mine: 0, unassigned: 1, assistant: 0, all: 2 });
  });

  it("G5: taking a conversation moves it from unassigned to mine", () => {
    const taken = { ...nobodys, assignee: NADIA };
    const counts = recount({ ...NO_COUNTS, unassigned: 1, all: 1 }, nobodys, taken, OPEN, ME);
    expect(counts).toEqual({ mine: 1, unassigned: 0, assistant: 0, all: 1 });
  });

  it("G1: while older pages are not loaded, nothing older than the last loaded row is shown", () => {
    expect(shown(all, { ...OPEN, tab: "all" }, ME, at(2)).map((one) => one.id)).toEqual(["b", "c"]);
  });

  it("G1: what waits for me is unread, open, and mine or nobody's", () => {
    const unread = [mine, hers, nobodys, done].map((one) => ({ ...one, unread: 1 }));
    expect(waiting(rows(...unread), ME)).toBe(2);
  });
});
