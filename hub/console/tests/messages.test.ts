import { describe, expect, it } from "vitest";
import { mergeMessages } from "../../../widget/src/app/merge";
import { gapAfter, lines } from "../src/messages";
import { at, byAgent, message, NADIA } from "./make";

describe("W20 a conversation misses nothing and shows nothing twice", () => {
  it("W20: messages are put in by their place, however they arrive", () => {
    const known = [message(1), message(4)];
    expect(mergeMessages(known, [message(3), message(2)]).map((one) => one.seq)).toEqual([1, 2, 3, 4]);
  });

  it("W20: the same message by ack and by event is one message", () => {
    const acked = message(2, { text: "Hello", ...byAgent(NADIA) });
    expect(mergeMessages([message(1), acked], [{ ...acked }])).toHaveLength(2);
  });

  it("W20: a hole in the numbers is noticed, with the place to fetch from", () => {
    expect(gapAfter([message(1), message(2), message(5)])).toBe(2);
    expect(gapAfter([message(7), message(8)])).toBeNull();
    expect(gapAfter([])).toBeNull();
  });
});

describe("G1 the log of a conversation", () => {
  const now = new Date(at(30));

  it("G1: days are separated and named", () => {
    const yesterday = message(1, { at: "2026-11-21T12:00:00Z" });
    const drawn = lines([yesterday, message(2)], now);
    const days = drawn.flatMap((line) => (line.type === "day" ? [line.words] : []));
    expect(days).toHaveLength(2);
    expect(days[0]).toMatch(/^Yesterday, /);
    expect(days[1]).toMatch(/^Today, /);
  });

  const firsts = (...all: ReturnType<typeof message>[]) =>
    lines(all, now).flatMap((line) => (line.type === "message" ? [line.first] : []));

  it("G1: who speaks is said once for what they say in one go", () => {
    expect(firsts(message(1), message(2), message(3, byAgent(NADIA)))).toEqual([true, false, true]);
    expect(firsts(message(1), message(9))).toEqual([true, true]);
  });

  it("G5: a note always stands for itself", () => {
    const note = message(2, { kind: "note", ...byAgent(NADIA) });
    expect(firsts(message(1, byAgent(NADIA)), note, message(3, byAgent(NADIA)))).toEqual([true, true, true]);
  });
});
