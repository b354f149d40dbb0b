import { describe, expect, it } from "vitest";
import {
  byUrgency,
  type Card,
  driftText,
  headline,
  type Level,
  type Live,
  progressText,
  result,
  type Run,
  share,
  stripLabel,
  summary,
  took,
  until,
} from "../src/shops";

const live = (change: Partial<Live>): Live => ({
  run: "run_1",
  kind: "full",
  state: "running",
  done: 0,
  total: null,
  changed: 0,
  ...change,
});

const card = (id: string, level: Level, state: "active" | "disconnected" = "active"): Card => ({
  connection: {
    id,
    connector: "shopify",
    shop: `${id}.myshopify.com`,
    title: id,
    source: `shopify:${id}`,
    state,
    level,
    problem: null,
    drift: 0,
    details: {},
    synced_at: null,
    checked_at: null,
    created_at: "2026-11-22T10:00:00Z",
  },
  counts: { products: 0, records: 0, customers: 0 },
  runs: [],
  next_sync_at: null,
});

const run = (change: Partial<Run>): Run => ({
  id: "run_1",
  kind: "check",
  state: "done",
  done: 1,
  total: null,
  changed: 0,
  drift: 0,
  fixed: 0,
  error: "",
  started_at: "2026-11-22T10:00:00Z",
  ended_at: "2026-11-22T10:00:06Z",
  ...change,
});

describe("S9 a sync says how far it is", () => {
  it.each([
    [live({ done: 1250, total: 5000 }), "1,250 of 5,000 products"],
    [live({ done: 5004, total: 5000 }), "5,000 of 5,000 products"], // some were added meanwhile
    [live({}), "Asking the shop"],
    [live({ done: 250 }), "250 products read"],
    [live({ kind: "check" }), "Looking for changes"],
    [live({ kind: "check", done: 1 }), "1 change read"],
    [live({ state: "asked" }), "Waiting for its turn"],
    [live({ state: "done" }), "Done. Nothing had changed."],
    [live({ state: "done", changed: 1 }), "Done. 1 was new or different."],
    [live({ state: "done", changed: 4979 }), "Done. 4,979 were new or different."],
    [live({ state: "failed" }), "It did not finish. See why in the sync log."],
  ])("S9: %o", (far, text) => expect(progressText(far)).toBe(text));

  it("S9: the bar is never more than full, and says nothing it does not know", () => {
    expect(share(live({ done: 2, total: 8 }))).toBe(0.25);
    expect(share(live({ done: 9, total: 8 }))).toBe(1);
    expect(share(live({ done: 9 }))).toBeNull();
    expect(share(live({ done: 0, total: 0 }))).toBeNull();
    expect(share(live({ state: "done" }))).toBe(1);
    expect(share(live({ state: "failed" }))).toBe(0);
  });
});

describe("S9 connections that need somebody come first", () => {
  const all = [card("a", "connected"), card("b", "attention"), card("c", "failed"), card("d", "degraded"), card("e", "failed", "disconnected")];

  it("S9: the worst first, what is let go last", () => {
    expect(byUrgency(all).map(({ connection }) => connection.id)).toEqual(["c", "d", "b", "a", "e"]);
  });

  it("S9: the page says how many there are", () => {
    expect(summary([])).toBe("Nothing is connected yet.");
    expect(summary([card("a", "connected")])).toBe("One connection. All is well.");
    expect(summary([card("a", "failed")])).toBe("One connection. It needs you.");
    expect(summary(all)).toBe("Four connections. Three need you, shown first.");
    expect(summary([card("a", "failed"), card("b", "connected")])).toBe("Two connections. One needs you, shown first.");
  });
});

describe("S8 a run is told by a word, never by colour alone", () => {
  it("S8: what became of it", () => {
    expect(result(run({})).word).toBe("Done");
    expect(result(run({ drift: 14 })).word).toBe("Drift left");
    expect(result(run({ drift: 5, fixed: 5 })).word).toBe("All fixed");
    expect(result(run({ state: "failed", drift: 3 })).word).toBe("Failed");
    expect(result(run({ state: "running" })).word).toBe("Running");
    expect(stripLabel([run({}), run({ drift: 1 }), run({})])).toBe("Last 3 runs: 2 done, 1 drift left");
    expect(stripLabel([])).toBe("No run yet");
  });

  it("S8: how long it took, and when the next one is", () => {
    const begin = "2026-11-22T10:00:00Z";
    expect(took(begin, "2026-11-22T10:00:06.100Z")).toBe("6.1 s");
    expect(took(begin, "2026-11-22T10:00:30Z")).toBe("30 s");
    expect(took(begin, "2026-11-22T10:02:04Z")).toBe("2 min 4 s");
    expect(took(begin, "2026-11-22T12:30:00Z")).toBe("2 h 30 min");
    const now = new Date(begin);
    expect(until("2026-11-22T10:14:00Z", now)).toBe("in 14 min");
    expect(until("2026-11-22T09:59:00Z", now)).toBe("now");
    expect(until("2026-11-22T15:00:00Z", now)).toBe("in 5 h");
  });

  it("S9: a problem's first sentence is its headline", () => {
    expect(headline("The shop refuses our key (401). Reconnect.")).toEqual(["The shop refuses our key (401).", "Reconnect."]);
    expect(headline("kestrel.myshopify.com answers no more")).toEqual(["kestrel.myshopify.com answers no more", ""]);
    expect(driftText(null)).toBe("unknown");
    expect(driftText(0)).toBe("none");
    expect(driftText(1)).toBe("1 item");
  });
});
