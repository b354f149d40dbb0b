import { describe, expect, it } from "vitest";
import type { ActionView, OrderLine } from "../../../chat/protocol";
import { digits, money, portion, sum, toMinor } from "../src/amounts";
import { chosen, estimate, isChosen, left, lineAmount, type LiveOrder, outcome } from "../src/orders";

const line = (id: string, minor: number, quantity: number, currency = "EUR"): OrderLine => ({
  id,
  title: id,
  detail: "",
  quantity,
  refundable: quantity,
  total: money(minor, currency),
  image_url: "",
});

describe("S4 what a refund comes to is counted in whole minor units", () => {
  it.each([
    [1999, "EUR", "19.99"],
    [5, "EUR", "0.05"],
    [12400, "JPY", "12400"],
    [214750, "KWD", "214.750"],
    [-1420, "EUR", "-14.20"],
    [0, "EUR", "0.00"],
  ])("S4: %i %s is %s", (minor, currency, text) => expect(money(minor, currency)).toEqual({ minor, currency, text }));

  it.each([
    ["19.99", "EUR", 1999],
    ["19,9", "EUR", 1990],
    ["20", "EUR", 2000],
    ["500", "JPY", 500],
    ["5.5", "JPY", null],
    ["0.001", "EUR", null],
    ["1,000.00", "EUR", null],
    ["-5", "EUR", null],
    ["1e3", "EUR", null],
    ["", "EUR", null],
  ])("S4: typed %j in %s", (typed, currency, minor) => expect(toMinor(typed, currency)).toBe(minor));

  it("S4: a line's share is rounded down, the whole is whole", () => {
    expect(portion(money(1000, "EUR"), 1, 3).minor).toBe(333);
    expect(portion(money(1000, "EUR"), 3, 3).minor).toBe(1000);
    expect(portion(money(1000, "EUR"), 1, 0).minor).toBe(0);
  });

  it("S4: only lines of which something goes back are sent", () => {
    expect(chosen({ a: 2, b: 0 })).toEqual({ a: 2 });
    expect(isChosen({ a: 0 }, false)).toBe(false);
    expect(isChosen({}, true)).toBe(true);
    expect(isChosen({ a: 1 }, false)).toBe(true);
  });

  it("S4: an estimate adds lines, and is none where a price is not known", () => {
    const lines = [line("mug", 2840, 2), line("bowl", 5200, 1)];
    expect(lineAmount(lines[0]!, 1)?.minor).toBe(1420);
    expect(estimate(lines, { mug: 1, bowl: 1 })).toEqual({ minor: 6620, currency: "EUR", text: "66.20" });
    expect(estimate(lines, {})).toBeNull();
    expect(estimate([{ ...lines[0]!, total: null }], { mug: 1 })).toBeNull();
    expect(sum([])).toBeNull();
  });

  it("S4: what is left of an order is never less than nothing", () => {
    const order = { total: money(1920, "EUR"), refunded: money(1420, "EUR") } as LiveOrder;
    expect(left(order)).toEqual({ minor: 500, currency: "EUR", text: "5.00" });
    expect(left({ ...order, refunded: money(9999, "EUR") })?.minor).toBe(0);
    expect(left({ ...order, total: null })).toBeNull();
  });

  it("S4: each currency has its own digits", () => {
    expect(["EUR", "JPY", "KWD", "POINTS"].map(digits)).toEqual([2, 0, 3, 2]);
  });
});

describe("A9 whoever asked is told what became of it", () => {
  const action = (change: Partial<ActionView>): ActionView =>
    ({ kind: "refund", state: "waiting", order: "Order #1003", detail: "", decision: null, ...change }) as ActionView;
  const decision = { by: "Nadia", at: "2026-11-22T10:00:00Z", reason: "Offer 10% first." };

  it("A9: nothing before somebody has decided, or when nobody had to", () => {
    expect(outcome(action({}))).toBeNull();
    expect(outcome(action({ state: "done" }))).toBeNull();
    expect(outcome(action({ state: "running", decision }))).toBeNull();
  });

  it("A9: approved, declined, or approved in vain", () => {
    expect(outcome(action({ state: "done", decision, detail: "14.20 EUR went back." }))).toEqual({
      good: true,
      words: "Nadia approved the refund of order #1003. 14.20 EUR went back.",
    });
    expect(outcome(action({ state: "declined", decision, kind: "cancel" }))?.words).toBe(
      "Nadia declined the cancellation of order #1003. Offer 10% first.",
    );
    expect(outcome(action({ state: "failed", decision, detail: "The shop refused." }))).toEqual({
      good: false,
      words: "Nadia approved the refund of order #1003, but it failed. The shop refused.",
    });
  });
});
