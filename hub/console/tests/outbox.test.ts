import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Send } from "../../../chat/protocol";
import { Outbox } from "../src/outbox";
import { NADIA, storage } from "./make";

const AUTHOR = { kind: "agent", ...NADIA } as const;
const WORDS = { conversation: "cnv_1", kind: "text", text: "Hello", cards: [] } as const;

describe("W20 sending is optimistic and honest", () => {
  let said: Send[] = [];
  let online = true;
  const say = (frame: Send): boolean => online && Boolean(said.push(frame));
  const outbox = (store = storage()): Outbox => new Outbox(store, "agt_1", say);

  beforeEach(() => {
    said = [];
    online = true;
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  it("W20: what is sent waits under its id until the hub has it", () => {
    const box = outbox();
    box.send({ ...WORDS, cards: [] });
    const [sent] = box.of("cnv_1");
    expect(said).toEqual([{ type: "send", id: sent!.id, conversation: "cnv_1", text: "Hello", kind: "text" }]);
    const ack = { type: "ack", id: sent!.id, conversation: "cnv_1", seq: 7, at: "2026-11-22T12:00:00Z" } as const;
    expect(box.saved(ack, AUTHOR)).toMatchObject({ id: sent!.id, seq: 7, text: "Hello", author: AUTHOR });
    expect(box.of("cnv_1")).toEqual([]);
  });

  it("W20: trying again uses the same id, so it can only ever be one message", () => {
    const box = outbox();
    box.send({ ...WORDS, cards: [] });
    const { id } = box.of("cnv_1")[0]!;
    box.refused(id, "Too fast.");
    expect(box.of("cnv_1")[0]).toMatchObject({ state: "failed", problem: "Too fast." });
    box.retry(id);
    expect(said.map((frame) => frame.id)).toEqual([id, id]);
    expect(box.of("cnv_1")[0]).toMatchObject({ state: "sending", problem: "" });
  });

  it("W20: what was written offline goes out when the line is back", () => {
    const box = outbox();
    online = false;
    box.send({ ...WORDS, cards: [] });
    expect(said).toEqual([]);
    online = true;
    box.resend();
    expect(said).toHaveLength(1);
  });

  it("W20: without an answer the agent is told that it was not sent", () => {
    const box = outbox();
    box.send({ ...WORDS, cards: [] });
    vi.advanceTimersByTime(15_000);
    expect(box.of("cnv_1")[0]!.state).toBe("failed");
  });

  it("N2: told to slow down, it goes again by itself when it may", () => {
    const box = outbox();
    box.send({ ...WORDS, cards: [] });
    const { id } = box.of("cnv_1")[0]!;
    box.later(id, 20);
    vi.advanceTimersByTime(19_000);
    expect(box.of("cnv_1")[0]!.state).toBe("sending");
    vi.advanceTimersByTime(1_000);
    expect(said.map((frame) => frame.id)).toEqual([id, id]);
  });

  it("W20: offline it goes on waiting instead of failing", () => {
    const box = outbox();
    online = false;
    box.send({ ...WORDS, cards: [] });
    vi.advanceTimersByTime(60_000);
    expect(box.of("cnv_1")[0]!.state).toBe("sending");
  });

  it("W20: what waits outlives a reload", () => {
    const store = storage();
    online = false;
    outbox(store).send({ ...WORDS, cards: [] });
    expect(outbox(store).of("cnv_1")).toHaveLength(1);
  });

  it("W12: products travel as ids, never as text", () => {
    const card = { type: "product", id: "prd_1", title: "Teapot", price: null, url: "", image_url: "", available: true } as const;
    outbox().send({ ...WORDS, cards: [card] });
    expect(said[0]).toMatchObject({ products: ["prd_1"], text: "Hello" });
  });
});
