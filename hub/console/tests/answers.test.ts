import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Aid } from "../src/aid";
import { Answers } from "../src/answers";
import { message } from "./make";

const answer = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

const told = { answering: "assistant", handover: null, transcripts: [{ message: "assistant-2", steps: [], ms: 4, engine: "built-in", withheld: "" }] };

const said = (kind: "assistant" | "visitor") => ({
  type: "MessageAdded" as const,
  seq: 1,
  conversation: "cnv_1",
  message: message(2, { id: "assistant-2", author: { kind, id: "a", name: "", avatar_url: "" } }),
  visitor: null,
  customer: null,
});

describe("A8 what the assistant does is followed live", () => {
  const fetched = vi.fn();
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("fetch", fetched.mockReset().mockImplementation(async () => answer(told)));
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("A8: what it writes is shown until the message takes its place", () => {
    const answers = new Answers();
    answers.heardDrafting({ type: "drafting", conversation: "cnv_1", message: "assistant-2", text: "Your order" });
    expect(answers.writing.value.get("cnv_1")?.text).toBe("Your order");
    answers.hear(said("assistant"));
    expect(answers.writing.value.size).toBe(0);
  });

  it("A8: an empty text takes it back, and so does a long silence", () => {
    const answers = new Answers();
    const frame = { type: "drafting", conversation: "cnv_1", message: "assistant-2", text: "Your" } as const;
    answers.heardDrafting(frame);
    answers.heardDrafting({ ...frame, text: "" });
    expect(answers.writing.value.size).toBe(0);
    answers.heardDrafting(frame);
    vi.advanceTimersByTime(31_000);
    expect(answers.writing.value.size).toBe(0);
  });

  it("A10: how answers came about is asked for once, and again when one is added", async () => {
    const answers = new Answers();
    answers.wantTold("cnv_1");
    answers.wantTold("cnv_1");
    await vi.advanceTimersByTimeAsync(10);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(answers.transcript("cnv_1", "assistant-2")?.ms).toBe(4);
    answers.hear(said("visitor"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fetched).toHaveBeenCalledTimes(1);
    answers.hear(said("assistant"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it("A8: a handover is known at once, before anything is asked", () => {
    const answers = new Answers();
    const handover = { why: "asked", reason: "Asked for a person.", summary: "", at: "2026-11-22T12:00:00Z" } as const;
    answers.hear({ type: "HandedOver", seq: 1, conversation: "cnv_1", handover, visitor: null, customer: null });
    expect(answers.told.value.get("cnv_1")).toMatchObject({ answering: "people", handover });
  });

  it("A10: a hub without an assistant shows no button for one", async () => {
    fetched.mockImplementation(async () => answer({ error: { code: "not_found", message: "No." } }, 404));
    const answers = new Answers();
    answers.want();
    await vi.advanceTimersByTimeAsync(10);
    expect(answers.settings.value).toBeNull();
  });

  it("A10: a draft that was dismissed while it was written stays away", async () => {
    const aid = new Aid();
    const asked = aid.ask("cnv_1");
    aid.dismiss("cnv_1");
    await asked;
    expect(aid.of("cnv_1").value).toBeNull();
  });

  it("A10: a draft that cannot be had says why", async () => {
    fetched.mockImplementation(async () => answer({ error: { code: "unavailable", message: "Busy. Try again." } }, 503));
    const aid = new Aid();
    await aid.ask("cnv_1");
    expect(aid.of("cnv_1").value).toEqual({ state: "failed", problem: "Busy. Try again." });
  });
});
