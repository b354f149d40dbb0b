import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ActionView, DiscountState, DiscountView, HubEvent } from "../../../chat/protocol";
import { Approvals } from "../src/approvals";
import { Codes } from "../src/discounts";
import { type Card, type Run, Shops } from "../src/shops";

const event = (body: object): HubEvent => ({ seq: 1, visitor: null, customer: null, ...body }) as HubEvent;

const progressed = (state: string, done = 0) =>
  event({ type: "SyncProgressed", connection: "con_1", run: "run_1", kind: "full", state, done, total: 10, changed: 3 });

const discount = (state: DiscountState, updated_at = "2026-11-22T10:00:00Z") =>
  ({ id: "dsc_1", state, created_at: "2026-11-22T10:00:00Z", updated_at }) as DiscountView;

const json = (body: object) => new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } });

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("S9 a sync is followed as it goes", () => {
  it("S9: asked for, at work, done, and then its card is a card again", async () => {
    vi.stubGlobal("fetch", async () => new Response("", { status: 202 }));
    const shops = new Shops();
    await shops.sync("con_1", "full");
    expect(shops.live.value.get("con_1")?.state).toBe("asked");
    shops.hear(progressed("running", 4));
    expect(shops.live.value.get("con_1")).toMatchObject({ state: "running", done: 4, total: 10 });
    shops.hear(progressed("done", 10));
    expect(shops.live.value.get("con_1")).toMatchObject({ state: "done", changed: 3 });
    vi.advanceTimersByTime(60_000);
    expect(shops.live.value.has("con_1")).toBe(false);
  });

  it("S9: one that began before the page was opened is shown, too, and none of a shop that was let go", () => {
    const shops = new Shops();
    const run = { id: "run_1", kind: "full", state: "running", done: 4, total: 10, changed: 1 } as Run;
    const card = { connection: { id: "con_1", state: "active" }, runs: [run] } as unknown as Card;
    expect(shops.liveOf(card)).toMatchObject({ run: "run_1", state: "running", done: 4 });
    shops.hear(progressed("running", 6));
    expect(shops.liveOf(card)).toMatchObject({ done: 6 });
    expect(shops.liveOf({ ...card, connection: { ...card.connection, state: "disconnected" } })).toBeNull();
    expect(new Shops().liveOf({ ...card, runs: [{ ...run, state: "done" }] })).toBeNull();
  });

  it("S9: one that could not be asked for leaves nothing behind", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("offline")));
    const shops = new Shops();
    await expect(shops.sync("con_1", "check")).rejects.toThrow("cannot be reached");
    expect(shops.live.value.size).toBe(0);
  });

  it("S9: nothing is fetched before a screen wants it, and changes are fetched once", async () => {
    const fetched = vi.fn(async (_path: string) => json({ connections: [], connectors: [], customer_data: {} }));
    vi.stubGlobal("fetch", fetched);
    const shops = new Shops();
    shops.hear(event({ type: "ConnectionChanged", connection: "con_1", level: "failed" }));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fetched).not.toHaveBeenCalled();
    shops.want();
    shops.want();
    for (let times = 0; times < 5; times += 1) {
      shops.hear(event({ type: "ConnectionChanged", connection: "con_1", level: "failed" }));
    }
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fetched).toHaveBeenCalledTimes(2);
  });
});

describe("A9 what waits for an admin is counted live", () => {
  it("A9: it comes and goes by what the socket tells", async () => {
    vi.stubGlobal("fetch", async () => json({ items: [], next: null }));
    const approvals = new Approvals(true);
    await approvals.load();
    approvals.hear(event({ type: "DiscountChanged", discount: discount("waiting") }));
    const action = { id: "act_1", state: "waiting", created_at: "2026-11-22T09:00:00Z" } as ActionView;
    approvals.hear(event({ type: "ActionChanged", action }));
    expect(approvals.count.value).toBe(2);
    const { value } = approvals.loaded.value as { value: readonly { id: string }[] };
    expect(value.map(({ id }) => id)).toEqual(["act_1", "dsc_1"]); // who has waited longest comes first
    approvals.hear(event({ type: "DiscountChanged", discount: discount("issued") }));
    approvals.hear(event({ type: "ActionChanged", action: { ...action, state: "declined" } }));
    expect(approvals.count.value).toBe(0);
  });

  it("X2: an older state never replaces a newer one", () => {
    const codes = new Codes();
    codes.put(discount("issued", "2026-11-22T10:00:05Z"));
    codes.put(discount("reserved", "2026-11-22T10:00:04Z"));
    expect(codes.known.value.get("dsc_1")?.state).toBe("issued");
  });
});
