/** The assistant in the conversation: what it is, what it shows, and the way to a person. */

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Author, Message, OrderCard, RecordCard, VerifyCard } from "../../chat/protocol";
import { again, digits } from "../src/app/cards/proof";
import type { Chat } from "../src/app/chat";
import { Events } from "../src/app/events";
import type { Lists } from "../src/app/lists";
import { blank } from "../src/app/merge";
import { Panel } from "../src/app/panel";
import * as state from "../src/app/state";
import { ReachContext } from "../src/app/use";
import { LOOK, moment } from "./page";

const ID = "c1000000";
const BOT: Author = { kind: "assistant", id: "", name: "", avatar_url: "" };
const NADIA = { id: "agt_1", name: "Nadia", avatar_url: "" };
const $ = <E extends HTMLElement>(selector: string): E | null => document.querySelector<E>(selector);
const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];

const order: OrderCard = {
  type: "order",
  id: "rec_1",
  number: "KC-10482",
  status: "in_transit",
  tone: "info",
  total: { minor: 8640, currency: "EUR", text: "86.40" },
  placed_at: "2026-11-14T10:00:00Z",
  steps: (["placed", "paid", "packed", "shipped", "delivered"] as const).map((name, at) => ({ name, at: null, done: at < 4 })),
  items: 3,
  parcel: "PostNord",
  tracking: "RR 482",
  tracking_url: "https://track.example/RR482",
  expected_at: "2026-11-24T10:00:00Z",
  url: "",
};

const deposit: RecordCard = {
  type: "record",
  id: "rec_2",
  kind: "deposit",
  reference: "DEP-77",
  title: "",
  amount: { minor: 5000, currency: "EUR", text: "50.00" },
  status: "completed",
  tone: "positive",
  occurred_at: "2026-11-12T10:00:00Z",
  url: "https://admin.example/dep",
};

const verify: VerifyCard = { type: "verify", needs: "email", by_code: true };

const said = (seq: number, cards: Message["cards"] = [], author = BOT, text = `words ${seq}`): Message => {
  return { id: `m${seq}`, seq, author, kind: "text", text, at: `2026-11-20T10:00:0${seq}Z`, cards };
};

let asked: [string, ...unknown[]][] = [];
let claimed = "";
const note = (name: string) => (...call: unknown[]): void => void asked.push([name, ...call]);
const chat = {
  widget: "w",
  show: note("show"),
  send: note("send"),
  typing: note("typing"),
  draft: () => "",
  askPerson: note("askPerson"),
  showArticle: note("showArticle"),
  proven: note("proven"),
  reachAt: note("reachAt"),
  claimedEmail: () => claimed,
} as unknown as Chat;
const told = (name: string): unknown[][] => asked.filter(([each]) => each === name).map(([, ...call]) => call);

beforeAll(() => import("../src/app/cards/facts"));

async function draw(messages: Message[], answering: "" | "assistant" | "people" = "assistant"): Promise<void> {
  const row = { ...blank(ID, "2026-11-20T10:00:00Z"), last_seq: messages.length, answering };
  state.conversations.value = { state: "ready", items: [row] };
  state.changeThread(ID, { state: "ready", items: messages });
  state.screen.value = { name: "conversation", id: ID, from: "home" };
  document.body.innerHTML = '<div id="app"></div>';
  await act(() =>
    render(
      <ReachContext.Provider value={{ chat, close: () => {} }}>
        <Panel />
      </ReachContext.Provider>,
      $("#app")!,
    ),
  );
  await act(moment);
}

const become = (change: Partial<(typeof state.conversations.value.items)[number]>): Promise<void> =>
  act(() => state.change(state.conversations, { items: [{ ...state.row(ID)!, ...change }] }));

async function type(selector: string, text: string): Promise<void> {
  await act(() => {
    const box = $<HTMLInputElement>(selector)!;
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await act(moment);
}

async function submit(selector: string): Promise<void> {
  await act(() => void $(selector)!.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
  await act(moment);
}

beforeEach(() => {
  asked = [];
  claimed = "";
  state.forget();
  state.appearance.value = LOOK;
  state.online.value = true;
  state.open.value = true;
  state.status.value = "online";
});
afterEach(() => {
  render(null, $("#app")!);
  vi.unstubAllGlobals();
});

describe("A8 who answers", () => {
  it("A8 says that it is an AI, with the way to a person beside it, and calls nobody twice", async () => {
    await draw([said(1, [], { ...BOT, kind: "visitor" }), said(2)]);
    expect($(".who")!.textContent).toBe("AssistantAnswers right away");
    expect($(".by")!.textContent).toContain("AI");
    expect($(".bubble.assistant")).not.toBeNull();
    expect($(".banner")!.textContent).toBe("You are chatting with an AI.Talk to a person");
    await act(() => $(".banner button")!.click());
    expect(told("askPerson")).toEqual([[ID]]);
    await act(() => void (state.asked.value = new Set([ID])));
    expect($(".banner")).toBeNull();
    expect($(".event[role=status]")!.textContent).toBe("Finding someone for you");
    await become({ answering: "people", assignee: NADIA });
    expect($(".event[role=status]")!.textContent).toBe("Nadia is here for you");
    expect($(".who")!.textContent).toBe("NANadiaOnline");
    await act(() => state.changeThread(ID, { items: [said(2), said(3, [], { kind: "agent", ...NADIA })] }));
    expect($<HTMLElement>(".event[role=status]")!.hidden).toBe(true);
  });

  it("A8 looks for nobody while everybody is away, and in no talk that people have had alone", async () => {
    state.online.value = false;
    await draw([said(1)], "people");
    expect($<HTMLElement>(".event[role=status]")!.hidden).toBe(true);
    state.online.value = true;
    await draw([said(1, [], { ...BOT, kind: "visitor" })], "people");
    expect($<HTMLElement>(".event[role=status]")!.hidden).toBe(true);
    expect($(".banner")).toBeNull();
  });

  it("A8 leaves an address where the visitor is not proven, and keeps it in sight", async () => {
    state.agents.value = [NADIA];
    await draw([said(1, [{ type: "handover", online: true }])], "people");
    expect($(".handover h2")!.textContent).toBe("A person will take over");
    expect(all(".handover .av")).toHaveLength(1);
    await type(".handover input", "not an address");
    await submit(".handover form");
    expect($(".trouble")!.textContent).toBe("This does not look like an email address.");
    expect(told("reachAt")).toEqual([]);
    await type(".handover input", " amara@posteo.example ");
    await submit(".handover form");
    expect(told("reachAt")).toEqual([["amara@posteo.example"]]);
    await act(() => void (state.reach.value = "amara@posteo.example"));
    expect($(".reached")!.textContent).toBe("If you leave, we write to amara@posteo.example");
  });
});

describe("A3 while it works", () => {
  const events = (): Events => new Events({ gap: () => {} } as unknown as Lists, () => {}, () => {}, () => true);
  const drafting = (events: Events, text: string, message = "m2"): Promise<void> =>
    act(() => events.frame({ type: "drafting", conversation: ID, message, text }));

  it("A3 shows the assistant thinking, then its words as they grow, then the message in their place", async () => {
    await draw([said(1, [], { ...BOT, kind: "visitor" })]);
    const hub = events();
    await act(() => hub.frame({ type: "typing", conversation: ID, who: "assistant", person: null, on: true }));
    expect($(".typing.assistant")!.getAttribute("aria-label")).toBe("Assistant is typing");
    await drafting(hub, "Your or");
    expect($(".typing")).toBeNull();
    await drafting(hub, "Your order is");
    expect($(".bubble.draft")!.textContent).toBe("Your order is");
    expect($(".bubble.draft")!.closest("[aria-hidden=true]")).not.toBeNull();
    await act(() => hub.apply({ type: "MessageAdded", seq: 1, conversation: ID, visitor: "", customer: null, message: said(2) }));
    expect($(".draft")).toBeNull();
    expect(all(".bubble").map((one) => one.textContent)).toEqual(["words 1", "words 2"]);
    await drafting(hub, "Your order is late", "m2");
    expect($(".draft")).toBeNull();
  });

  it("A3 takes back what was withheld, and hears who answers now", async () => {
    await draw([said(1, [], { ...BOT, kind: "visitor" })], "");
    const hub = events();
    await drafting(hub, "Half");
    await drafting(hub, "");
    expect($(".draft")).toBeNull();
    expect($(".by")).toBeNull();
    state.asked.value = new Set([ID]);
    const changed = { type: "ConversationChanged" as const, seq: 2, conversation: ID, visitor: null, customer: null };
    await act(() => hub.apply({ ...changed, status: "open", assignee: null, answering: "people" }));
    expect(state.row(ID)!.answering).toBe("people");
    expect(state.asked.value.size).toBe(0);
  });
});

describe("A2 what it shows", () => {
  it("A1 answers with one tap, only below the newest words", async () => {
    await draw([said(1, [{ type: "choices", choices: ["It is late", "<b>No</b>"] }])]);
    expect(all(".replies button").map((one) => one.textContent)).toEqual(["It is late", "<b>No</b>"]);
    await act(() => $(".replies button")!.click());
    expect(told("send")).toEqual([[ID, "It is late"]]);
    const frame = { type: "send" as const, id: "x", conversation: ID, text: "It is late" };
    await act(() => void (state.outgoing.value = [{ frame, at: Date.now(), failed: false }]));
    expect($(".replies")).toBeNull();
    await act(() => void (state.outgoing.value = []));
    await act(() => state.changeThread(ID, { items: [...state.thread(ID).items, said(2)] }));
    expect($(".replies")).toBeNull();
  });

  it("A2 draws an order: how far it is, its parcel, its total, the way to follow it", async () => {
    await draw([said(1, [order])]);
    expect($(".o-card .h")!.textContent).toBe("Order KC-10482Placed Nov 14 · 3 itemsIn transit");
    expect(all(".steps li").map((step) => `${step.textContent} ${step.className}`)).toEqual(
      ["Paid done", "Packed done", "Shipped now", "Delivered "],
    );
    expect($(".steps [aria-current=step]")!.textContent).toBe("Shipped");
    expect(all(".kv").map((row) => row.textContent)).toEqual(["PostNordRR 482ArrivesTue, Nov 24", "Total€86.40"]);
    expect($<HTMLAnchorElement>(".acts a")!.href).toBe("https://track.example/RR482");
    expect($(".acts a")!.getAttribute("rel")).toBe("noopener noreferrer");
  });

  it("A2 an order of which little is known shows that little, and no address but of the web", async () => {
    const bare = { ...order, steps: [], parcel: "", tracking: "", expected_at: null, total: null, items: 0 };
    await draw([said(1, [{ ...bare, tracking_url: "javascript:alert(1)", url: "data:x" }])]);
    expect($(".o-card")!.textContent).toBe("Order KC-10482Placed Nov 14In transit");
    expect($(".o-card a")).toBeNull();
  });

  it("A2 lists several orders and records a line each, without the agents' addresses", async () => {
    await draw([said(1, [order, { ...order, id: "rec_3", number: "KC-2" }, deposit])]);
    expect(all(".rows .t").map((one) => one.textContent)).toEqual(["Order KC-10482", "Order KC-2", "Deposit DEP-77"]);
    expect($(".o-card")).toBeNull();
    expect(document.body.innerHTML).not.toContain("admin.example");
  });

  it("A6 cites the article it has its words from, and opens it inside", async () => {
    await draw([said(1, [{ type: "article", slug: "wrapping", title: "Gift wrapping", locale: "en", url: "https://x.example" }])]);
    expect($(".bubble .cite")!.textContent).toBe("Gift wrapping");
    await act(() => $(".cite")!.click());
    expect(told("showArticle")).toEqual([["wrapping"]]);
  });
});

describe("I7 proving an address", () => {
  const held = { token: "t", visitor: "vis_1", assurance: "claimed" as const, name: "", customer: null, subject: "", said: "" };
  let sent: [string, any][] = [];
  let answers: [number, unknown][] = [];
  const ok: [number, unknown] = [202, { sent_to: "a•••a@posteo.example", again_in: 60 }];
  const no = (status: number, code = ""): [number, unknown] => [status, { error: { code, message: "in English" } }];

  async function ask(...more: [number, unknown][]): Promise<void> {
    answers.push(ok, ...more);
    await draw([said(1, [verify])]);
    await type(".form input", "amara@posteo.example");
    await submit(".form");
  }

  beforeEach(() => {
    sent = [];
    answers = [];
    again();
    state.session.value = { ...held, visitor: `vis_${Math.random()}` };
    vi.stubGlobal("fetch", async (path: string, options: RequestInit) => {
      sent.push([path, JSON.parse(options.body as string)]);
      const [status, body] = answers.shift() ?? [0, null];
      if (!status) throw new TypeError("Failed to fetch");
      return new Response(JSON.stringify(body), { status });
    });
  });

  it("I7 asks for the address that is claimed, sends a code, and takes six digits however they come", async () => {
    claimed = "amara@posteo.example";
    answers = [ok, [200, { ...held, assurance: "email" }]];
    await draw([said(1, [verify])]);
    expect($<HTMLInputElement>(".form input")!.value).toBe("amara@posteo.example");
    await submit(".form");
    expect(sent[0]).toEqual(["/v1/chat/email-code", { email: "amara@posteo.example", locale: "en" }]);
    expect($(".form .lead")!.textContent).toBe("Sent to a•••a@posteo.example");
    expect($(".form .more")!.textContent).toMatch(/^New code in 1:00|0:59/);
    expect(document.activeElement).toBe($(".code-in input"));
    expect($(".code-in input")!.getAttribute("autocomplete")).toBe("one-time-code");
    await type(".code-in input", "٤١٩");
    expect(all(".code-in span").map((place) => place.textContent).join("")).toBe("419");
    await type(".code-in input", "419 203");
    expect(sent[1]).toEqual(["/v1/chat/email-code/check", { code: "419203" }]);
    expect(told("proven")).toMatchObject([[{ assurance: "email" }]]);
    await act(() => void (state.session.value = { ...state.session.peek()!, assurance: "email" }));
    expect($(".form")!.textContent).toContain("Email confirmed");
  });

  it("I7 counts the tries, and after three there is only a new code", async () => {
    await ask(no(422, "wrong_code"), no(422, "wrong_code"), no(422, "wrong_code"), ok);
    const shown: string[] = [];
    for (const code of ["111111", "222222", "333333"]) {
      await type(".code-in input", code);
      shown.push($(".trouble")!.textContent!);
      expect($<HTMLInputElement>(".code-in input")!.value).toBe("");
    }
    expect(shown).toEqual([
      "This is not the code. 2 more tries.",
      "This is not the code. One more try.",
      "This code no longer works. Ask for a new one.",
    ]);
    expect($<HTMLInputElement>(".code-in input")!.disabled).toBe(true);
    await act(() => $(".more .linkish")!.click());
    await act(moment);
    expect(sent.at(-1)![0]).toBe("/v1/chat/email-code");
    expect($<HTMLInputElement>(".code-in input")!.disabled).toBe(false);
  });

  it.each([
    [no(422, "invalid"), "This does not look like an email address."],
    [no(429), "Too many codes were sent. Try again later, or talk to a person."],
    [no(409, "no_mail"), "We cannot send email right now. Talk to a person instead."],
    [no(503), "The connection failed. Try again."],
    [[0, null] as [number, unknown], "The connection failed. Try again."],
  ])("I7 says in plain words why no code came: %j", async (answer, words) => {
    answers = [answer];
    await draw([said(1, [verify])]);
    await type(".form input", "x@y.example");
    await submit(".form");
    expect($(".trouble")!.textContent).toBe(words);
    expect($<HTMLButtonElement>(".form .primary")!.disabled).toBe(false);
  });

  it("I7 a code that is over says so, and another address can be named", async () => {
    await ask(no(401, "code_over"));
    await type(".code-in input", "123456");
    expect($(".trouble")!.textContent).toBe("This code no longer works. Ask for a new one.");
    await act(() => all(".more .linkish")[1]!.click());
    expect($<HTMLInputElement>(".form input")!.value).toBe("amara@posteo.example");
    expect($(".trouble")!.textContent).toBe("");
  });

  it("I7 only the newest question has a form; without e-mail it says to sign in; who is proven is asked nothing", async () => {
    await draw([said(1, [verify]), said(2, [verify])]);
    expect(all(".form")).toHaveLength(1);
    await draw([said(1, [{ ...verify, by_code: false, needs: "hmac" }])]);
    expect($(".form")!.textContent).toContain("Sign in to the shop");
    await act(() => void (state.session.value = { ...held, assurance: "hmac" }));
    expect($(".form")).toBeNull();
  });

  it("V7 another visitor finds no trace of the address", async () => {
    await ask();
    expect($(".code-in")).not.toBeNull();
    await act(() => void (state.session.value = { ...held, visitor: "vis_other" }));
    expect($(".code-in")).toBeNull();
    expect($<HTMLInputElement>(".form input")!.value).toBe("");
  });

  it.each([["419203", "419203"], [" 4 1-9.2", "4192"], ["٤١٩٢٠٣", "419203"], ["۴۱۹", "419"], ["abc", ""], ["12345678", "123456"]])(
    "I7 %j is %j",
    (text, code) => expect(digits(text)).toBe(code),
  );
});

describe("A8 in the list", () => {
  it("A8 shows the assistant's own face in the rows it answers", async () => {
    state.conversations.value = {
      state: "ready",
      items: [{ ...blank(ID, "2026-11-20T10:00:00Z"), answering: "assistant", last: { text: "Hi", author: "visitor", at: "2026-11-20T10:00:00Z" } }],
    };
    state.screen.value = { name: "messages" };
    document.body.innerHTML = '<div id="app"></div>';
    await act(() =>
      render(
        <ReachContext.Provider value={{ chat, close: () => {} }}>
          <Panel />
        </ReachContext.Provider>,
        $("#app")!,
      ),
    );
    expect($(".row .av.bot")).not.toBeNull();
    expect($(".row .t")!.textContent).toBe("Assistant");
    expect($(".row .s")!.textContent).toBe("You: Hi");
  });
});
