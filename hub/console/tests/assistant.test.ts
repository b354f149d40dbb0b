import { describe, expect, it } from "vitest";
import type { ToolStep } from "../../../chat/protocol";
import { joined } from "../src/aid";
import { type Settings, took } from "../src/assistant";
import { changes, problems, toForm, wordList } from "../src/assistant-form";
import { afterEvent, waiting } from "../src/rows";
import { argumentsText, headline, noteParts, outcome, stepText, whyWord, worthShowing } from "../src/transcripts";
import { message, NADIA, row } from "./make";

const step = (change: Partial<ToolStep> = {}): ToolStep => ({
  tool: "order_status",
  arguments: {},
  outcome: "found",
  said: "KC-10482",
  ms: 4,
  ...change,
});

const settings: Settings = {
  on: true,
  engine: "built-in",
  discount_percent: "10",
  rules: {},
  answers: 30,
  tokens_a_day: 2_000_000,
  tokens_a_visitor: 100_000,
  price_in: "0.40",
  price_out: "1.60",
  currency: "EUR",
  cost_a_day: null,
  unhelpful: true,
  words: ["lawyer"],
};

const byAssistant = (seq: number) =>
  message(seq, { author: { kind: "assistant", id: "assistant", name: "Assistant", avatar_url: "" } });

describe("A8 who answers is seen in the list", () => {
  const added = (seq: number, said = byAssistant(seq)) =>
    ({ type: "MessageAdded", seq: 1, conversation: "cnv_1", message: said, visitor: "vis_1", customer: null }) as const;

  it("A8: the assistant's answer leaves nothing unread", () => {
    const before = row({ answering: "assistant", unread: 1, assignee: null });
    expect(afterEvent(before, added(5)).unread).toBe(0);
  });

  it("A8: its last words before a person takes over do not: somebody is waiting", () => {
    const before = row({ answering: "people", unread: 1, assignee: null });
    expect(afterEvent(before, added(5))).toMatchObject({ unread: 1, agent_read_seq: 4 });
  });

  it("A8: why the assistant passed it on is in the row", () => {
    const handover = { why: "asked", reason: "Asked for a person.", summary: "", at: "2026-11-22T12:00:00Z" } as const;
    const passed = { type: "HandedOver", seq: 1, conversation: "cnv_1", handover, visitor: null, customer: null } as const;
    expect(afterEvent(row({ id: "cnv_1" }), passed).why).toBe("asked");
  });

  it("A8: a change of who answers is in the row", () => {
    const changed = {
      type: "ConversationChanged",
      seq: 1,
      conversation: "cnv_1",
      status: "open",
      assignee: null,
      answering: "people",
      visitor: null,
      customer: null,
    } as const;
    expect(afterEvent(row({ answering: "assistant" }), changed).answering).toBe("people");
  });

  it("A8: what the assistant answers calls nobody", () => {
    const rows = new Map([["cnv_1", row({ answering: "assistant", unread: 2, assignee: null })]]);
    expect(waiting(rows, NADIA.id)).toBe(0);
  });
});

describe("A10 how an answer came about", () => {
  it("A10: the headline counts what was looked up", () => {
    expect(headline([])).toBe("Looked nothing up");
    expect(headline([step()])).toBe("Looked up 1 thing");
    expect(headline([step(), step()])).toBe("Looked up 2 things");
  });

  it("A10: a step is told in the tool's words, or by its outcome", () => {
    expect(stepText(step())).toBe("KC-10482");
    expect(stepText(step({ said: "", outcome: "verify" }))).toBe("Held: needs a proof");
  });

  it("A10: an outcome of a newer hub keeps its own name", () => {
    expect(outcome("postponed")).toMatchObject({ word: "postponed", tone: "neutral" });
  });

  it("A10: arguments are one line, without what was not given", () => {
    expect(argumentsText({ words: "blue mug", max_price: null, limit: 3, kind: "" })).toBe("words: blue mug, limit: 3");
    expect(argumentsText({ range: { from: 1 } })).toBe('range: {"from":1}');
  });

  it("A10: a withheld text is shown even when nothing was looked up", () => {
    expect(worthShowing({ steps: [], withheld: "You get 50% off." })).toBe(true);
    expect(worthShowing({ steps: [], withheld: "" })).toBe(false);
  });

  it("A8: a handover's note is a reason and a summary", () => {
    expect(noteParts("Asked for a person.\n\nShe wants\na refund.")).toEqual({
      reason: "Asked for a person.",
      summary: "She wants\na refund.",
    });
    expect(noteParts("Asked for a person.").summary).toBe("");
    expect(whyWord("asked")).toBe("Asked for a person");
    expect(whyWord("eclipse")).toBe("Passed on");
  });

  it("A10: times are short", () => {
    expect(took(640.4)).toBe("640 ms");
    expect(took(1100)).toBe("1.1 s");
  });

  it("A10: a draft never takes the place of what is written", () => {
    expect(joined("", "Hello")).toBe("Hello");
    expect(joined("Hi Amara,\n", "It is on its way.")).toBe("Hi Amara,\n\nIt is on its way.");
  });
});

describe("A10 the assistant's limits as a form", () => {
  it("A10: only what changed goes, as numbers, exact text and a list", () => {
    const saved = toForm(settings);
    const form = { ...saved, tokens_a_day: "1,500,000", cost_a_day: "20,50", words: "lawyer, fraud\nfraud\n", discount_percent: "12,5" };
    expect(changes(saved, form)).toEqual({
      tokens_a_day: 1_500_000,
      cost_a_day: "20.50",
      words: ["lawyer", "fraud"],
      discount_percent: "12.5",
    });
    expect(changes(saved, saved)).toEqual({});
  });

  it("A10: no limit on the cost is null", () => {
    const saved = toForm({ ...settings, cost_a_day: "20" });
    expect(changes(saved, { ...saved, cost_a_day: "" })).toEqual({ cost_a_day: null });
  });

  it.each([
    ["discount_percent", "101"],
    ["discount_percent", "ten"],
    ["answers", "0"],
    ["tokens_a_day", "-1"],
    ["price_in", "1e3"],
    ["currency", "EURO"],
    ["words", "x"],
  ])("A10: %s may not be %s", (name, typed) => {
    expect(problems({ ...toForm(settings), [name]: typed })).toHaveProperty(name);
  });

  it("A10: what was saved is right", () => expect(problems(toForm(settings))).toEqual({}));
  it("A8: words come with lines, commas or both", () => expect(wordList(" a b ,c\n\n,c")).toEqual(["a b", "c"]));
});
