/** The screens as a visitor finds them: text as text, links that are safe, keys that do what one expects. */

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { DiscountCard, Message, ProductCard, Record as Activity } from "../../chat/protocol";
import type { Chat } from "../src/app/chat";
import { Panel } from "../src/app/panel";
import { blank } from "../src/app/merge";
import * as state from "../src/app/state";
import { ReachContext } from "../src/app/use";
import { message, say } from "./hub";
import { LOOK, moment } from "./page";

const ID = "c1000000";
const XSS = '<img src=x onerror="alert(1)">';

const card: ProductCard = {
  type: "product",
  id: "prd_1",
  title: "Harbour teapot",
  price: { minor: 7400, currency: "EUR", text: "74.00" },
  url: "https://shop.example/teapot",
  image_url: "https://cdn.example/teapot.jpg",
  available: true,
};

const code: DiscountCard = {
  type: "discount",
  id: "dsc_1",
  code: "CHAT-7K2Q-11AB",
  title: "20% off",
  percent: "20",
  amount: null,
  minimum: { minor: 4000, currency: "EUR", text: "40.00" },
  expires_at: "2099-11-29T10:00:00Z",
  url: "https://shop.example/discount/CHAT-7K2Q-11AB",
  state: "issued",
};

const order: Activity = {
  id: "rec_1",
  kind: "order",
  reference: "KC-1",
  title: "Order KC-1",
  amount: { minor: 8640, currency: "EUR", text: "86.40" },
  status: "in-transit",
  tone: "info",
  url: "https://admin.example/orders/1",
  source: "shop",
  occurred_at: "2026-11-14T10:00:00Z",
  updated_at: "2026-11-14T10:00:00Z",
};

let asked: [string, ...unknown[]][] = [];
const drafts = new Map<string, string>();
const note = (name: string) => (...call: unknown[]): void => void asked.push([name, ...call]);
const chat = {
  show: note("show"),
  showNew: note("showNew"),
  send: note("send"),
  retry: note("retry"),
  typing: note("typing"),
  older: note("older"),
  refresh: note("refresh"),
  draft: (slot: string, text?: string) => (text === undefined ? (drafts.get(slot) ?? "") : void drafts.set(slot, text)),
} as unknown as Chat;

const $ = <E extends HTMLElement>(selector: string): E | null => document.querySelector<E>(selector);

function open(messages: Message[] = []): void {
  state.conversations.value = { state: "ready", items: [{ ...blank(ID, "2026-11-20T10:00:00Z"), last_seq: messages.length }] };
  state.changeThread(ID, { state: "ready", items: messages });
  state.screen.value = { name: "conversation", id: ID, from: "home" };
}

/** The cards are a file of their own: here it is there before one is shown. */
beforeAll(() => import("../src/app/cards/facts"));

async function draw(): Promise<void> {
  document.body.innerHTML = '<div id="app"></div>';
  await act(() =>
    render(
      <ReachContext.Provider value={{ chat, close: note("close") }}>
        <Panel />
      </ReachContext.Provider>,
      $("#app")!,
    ),
  );
  await act(moment);
}

beforeEach(() => {
  asked = [];
  drafts.clear();
  state.forget();
  state.appearance.value = LOOK;
  state.online.value = true;
  state.open.value = true;
});
afterEach(() => {
  render(null, $("#app")!);
  vi.restoreAllMocks();
});

describe("Home", () => {
  it("W16 shows the merchant's heading, W17 tagline and name", async () => {
    state.appearance.value = { ...LOOK, welcome_heading: XSS, welcome_tagline: "Ask away" };
    await draw();
    expect($("h1")!.textContent).toBe(XSS);
    expect($(".tag")!.textContent).toBe("Ask away");
    expect($("img")).toBeNull();
  });

  it("W16 greets a proven customer by name in place of the default heading, and only then", async () => {
    const held = { token: "t", visitor: "v", name: "Amara Okafor", customer: "c", subject: "1", said: "" };
    state.session.value = { ...held, assurance: "claimed" };
    await draw();
    expect($("h1")!.textContent).toBe("Hi there!");
    await act(() => void (state.session.value = { ...held, assurance: "hmac" }));
    expect($("h1")!.textContent).toBe("Hi Amara!");
  });

  it("W18 tells who is there only when the merchant wants it told", async () => {
    await draw();
    expect($(".crew")!.textContent).toBe("Online now");
    await act(() => void (state.online.value = false));
    expect($(".crew")!.textContent).toBe("Away right now. Leave a message.");
    await act(() => void (state.appearance.value = { ...LOOK, assistant: true }));
    expect($(".crew")!.textContent).toBe("The team is away. The assistant is here.");
    await act(() => void (state.appearance.value = { ...LOOK, show_online_badge: false }));
    expect($(".crew")).toBeNull();
    expect(document.body.textContent).not.toMatch(/online|away|back/i);
  });

  it("W19 shows the shop's logo, from http and https only", async () => {
    state.appearance.value = { ...LOOK, logo_url: "https://cdn.example/logo.png" };
    await draw();
    expect($<HTMLImageElement>(".tile img")!.getAttribute("referrerpolicy")).toBe("no-referrer");
    await act(() => void (state.appearance.value = { ...LOOK, logo_url: "javascript:alert(1)" }));
    expect($(".tile img")).toBeNull();
  });

  it("W11 shows activity in a verified session and a hint in any other; the agents' link stays the agents'", async () => {
    state.activity.value = { state: "ready", items: [order] };
    await draw();
    expect(document.body.textContent).not.toContain("KC-1");
    expect(document.body.textContent).toContain("See your orders here");
    const held = { token: "t", visitor: "v", name: "", customer: "c", subject: "1", said: "" };
    await act(() => void (state.session.value = { ...held, assurance: "token" }));
    expect($(".record")!.textContent).toMatch(/^Order KC-1Nov 14.*€86\.40In transit$/);
    expect($(".record .pill.info svg")).not.toBeNull();
    expect(document.body.innerHTML).not.toContain("admin.example");
  });

  it("W21 leads to the newest conversation and to a new one", async () => {
    open([message("a", 1)]);
    state.screen.value = { name: "home" };
    await draw();
    for (const row of document.querySelectorAll<HTMLElement>("button.row")) row.click();
    expect(asked).toEqual([["show", { name: "conversation", id: ID, from: "home" }], ["showNew"]]);
  });
});

describe("a conversation", () => {
  it("B4 shows words as words, and only http and https addresses as links", async () => {
    open([message("a", 1, "agent", `${XSS} see https://shop.example/a and javascript:alert(1)`)]);
    await draw();
    expect($(".bubble")!.textContent).toContain(XSS);
    expect($(".bubble img")).toBeNull();
    const links = [...document.querySelectorAll(".bubble a")].map((link) => link.outerHTML);
    expect(links).toEqual([
      '<a href="https://shop.example/a" target="_blank" rel="noopener noreferrer">https://shop.example/a</a>',
    ]);
  });

  it("W12 draws product cards from what is stored, with a safe link and picture", async () => {
    const bad = { ...card, id: "prd_2", url: "javascript:alert(1)", image_url: "data:image/svg+xml,x", available: false };
    open([{ ...message("a", 1), cards: [card, bad] }]);
    await draw();
    const [good, harmless] = document.querySelectorAll(".p-card");
    expect(good!.outerHTML).toContain('href="https://shop.example/teapot" target="_blank" rel="noopener noreferrer"');
    expect(good!.querySelector("img")!.getAttribute("referrerpolicy")).toBe("no-referrer");
    expect(good!.textContent).toContain("€74.00");
    expect(harmless!.tagName).toBe("DIV");
    expect(harmless!.querySelector("img")).toBeNull();
    expect(harmless!.textContent).toContain("Sold out");
  });

  it("W21 says that somebody types, and what became of our words", async () => {
    open([message("a", 1, "visitor")]);
    state.changeThread(ID, { typing: { id: "agt_1", name: "Nadia", avatar_url: "" } });
    state.outgoing.value = [{ frame: say("x"), at: Date.now(), failed: true }];
    await draw();
    expect($(".typing")!.getAttribute("aria-label")).toBe("Nadia is typing");
    expect($('[role="log"]')).not.toBeNull();
    $(".meta.fail button")!.click();
    expect(asked).toContainEqual(["retry", "x"]);
  });

  it("W20 says once that it is reconnecting, and keeps the composer usable", async () => {
    vi.useFakeTimers();
    open([message("a", 1)]);
    await draw();
    await act(() => void (state.status.value = "offline"));
    expect($(".banner")).toBeNull();
    await act(() => void vi.advanceTimersByTime(1000));
    expect($(".banner")!.getAttribute("role")).toBe("status");
    expect($<HTMLTextAreaElement>("textarea")!.disabled).toBe(false);
    await act(() => void (state.status.value = "online"));
    expect($(".banner")).toBeNull();
    vi.useRealTimers();
  });
});

describe("the composer", () => {
  const box = (): HTMLTextAreaElement => $<HTMLTextAreaElement>("textarea")!;

  async function type(text: string): Promise<void> {
    await act(() => {
      box().value = text;
      box().dispatchEvent(new Event("input", { bubbles: true }));
    });
  }

  async function press(options: KeyboardEventInit): Promise<boolean> {
    const event = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...options });
    await act(() => void box().dispatchEvent(event));
    return event.defaultPrevented;
  }

  beforeEach(async () => {
    open([message("a", 1)]);
    await draw();
  });

  it("W20 sends with Enter and breaks the line with Shift+Enter", async () => {
    await type("  Hello\nthere ");
    expect(await press({ shiftKey: true })).toBe(false);
    expect(await press({})).toBe(true);
    expect(asked.filter(([name]) => name === "send")).toEqual([["send", ID, "Hello\nthere"]]);
    expect(box().value).toBe("");
  });

  it("W23 Enter that chooses a word in an input method does not send", async () => {
    await type("にほ");
    await press({ isComposing: true });
    expect(asked.some(([name]) => name === "send")).toBe(false);
  });

  it("W20 sends nothing when there is nothing to send", async () => {
    await type("   ");
    await press({});
    expect(asked.some(([name]) => name === "send")).toBe(false);
    expect($<HTMLButtonElement>(".go")!.disabled).toBe(true);
  });

  it("W20 keeps the draft of each conversation, and clears it with sending", async () => {
    await type("half a sentence");
    expect(drafts.get(ID)).toBe("half a sentence");
    await draw();
    expect(box().value).toBe("half a sentence");
    await press({});
    expect(drafts.get(ID)).toBe("");
  });

  it("W21 tells of typing and of its end", async () => {
    asked = [];
    await type("a");
    await type("");
    expect(asked.filter(([name]) => name === "typing").map(([, , on]) => on)).toEqual([true, false]);
  });

  it("W23 takes the focus when the panel opens", async () => {
    await act(() => void (state.open.value = false));
    box().blur();
    await act(() => void (state.open.value = true));
    expect(document.activeElement).toBe(box());
  });
});

describe("A code for a discount", () => {
  const given = (change: Partial<DiscountCard> = {}, text = "20% off: CHAT-7K2Q-11AB"): void =>
    open([{ ...message("m1", 1, "agent", text), cards: [{ ...code, ...change }] }]);

  it("X1 shows the code, its terms and the way to use it, and not its words twice", async () => {
    given();
    await draw();
    expect($(".d-card .amt")!.textContent).toBe("20%off");
    expect($(".d-card .code bdi")!.textContent).toBe("CHAT-7K2Q-11AB");
    expect($(".d-card .fine")!.textContent).toMatch(/^One use, until .*2099.* Orders over €40.00\.$/);
    expect($<HTMLAnchorElement>(".d-card a")!.href).toBe("https://shop.example/discount/CHAT-7K2Q-11AB");
    expect($(".bubble")).toBeNull();
  });

  it("X1 keeps what was written beside it", async () => {
    given({}, "Sorry for the wait!");
    await draw();
    expect($(".bubble")!.textContent).toBe("Sorry for the wait!");
  });

  it("X1 copies the code and says so", async () => {
    let copied = "";
    const done = vi.fn(() => {
      copied = [...document.querySelectorAll("textarea")].at(-1)!.value;
      return true;
    });
    document.execCommand = done;
    given();
    await draw();
    await act(async () => $(".d-card .code button")!.click());
    expect(done).toHaveBeenCalledWith("copy");
    expect(copied).toBe("CHAT-7K2Q-11AB");
    expect($(".d-card [role=status]")!.textContent).toBe("Copied");
  });

  it.each([
    [{ state: "redeemed" }, "You have used this code."],
    [{ state: "expired" }, "This code has expired."],
    [{ state: "revoked" }, "This code was withdrawn."],
    [{ expires_at: "2020-01-01T00:00:00Z" }, "This code has expired."],
  ] as const)("X1 %o: no button, and the reason", async (change, reason) => {
    given(change);
    await draw();
    expect($(".d-card .fine")!.textContent).toBe(reason);
    expect($(".d-card button")).toBeNull();
    expect($(".d-card a")).toBeNull();
  });

  it("X1 links to nothing but the web, and shows amounts in their currency", async () => {
    given({ url: "javascript:alert(1)", percent: "", amount: { minor: 500, currency: "JPY", text: "500" } });
    await draw();
    expect($(".d-card a")).toBeNull();
    expect($(".d-card .amt")!.textContent).toBe("¥500off");
  });
});
