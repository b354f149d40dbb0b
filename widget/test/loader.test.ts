/** The loader, as the merchant's page sees it. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { APP_ID, HUB, LOOK, SAYS, app, box, clean, frame, hub, isOpen, launcher, load, root, settled } from "./page";

const warn = vi.spyOn(console, "warn").mockImplementation(() => {});

beforeEach(() => {
  clean();
  warn.mockClear();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The stub of the reference's snippet. */
function stub(): void {
  const fn = ((...call: unknown[]) => (fn.q ??= [] as never as []).push(call as never)) as NonNullable<typeof window.SoftbetChat>;
  window.SoftbetChat = fn;
}

const panel = (): CSSStyleDeclaration => box().style;

describe("the tag", () => {
  it("W1 shows a bubble from one script tag and asks the hub only for its looks and to be counted", async () => {
    const asked = hub();
    await load();
    expect(launcher()?.getAttribute("aria-label")).toBe("Open chat");
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${HUB}/api/v1/widget/${APP_ID}`,
      `POST ${HUB}/api/v1/widget/${APP_ID}/seen`,
    ]);
    expect(JSON.parse(String(asked[1]!.body))).toEqual({ url: location.origin + location.pathname });
  });

  it("W4 sits at the right by default, W6 on the left when the tag says so", async () => {
    hub();
    await load();
    expect(box().className).toBe("right");
    clean();
    await load(`data-app-id="${APP_ID}" data-position="left"`);
    expect(box().className).toBe("left");
  });

  it("W7 moves button and panel by the offsets", async () => {
    hub();
    await load(`data-app-id="${APP_ID}" data-offset-x="28" data-offset-y="96"`);
    expect(panel().getPropertyValue("--x")).toBe("28px");
    expect(panel().getPropertyValue("--y")).toBe("96px");
    expect(panel().getPropertyValue("--up")).toBe(`${96 + 56 + 16}px`);
  });

  it("W7 ignores the comment text inside the reference's own sample tags", async () => {
    hub();
    await load(`data-app-id="${APP_ID}"
        data-position="right"
        data-offset-x="28"  // 28px in from the right edge
        data-offset-y="96"  // 96px up from the bottom
        data-position="left" // "left" or "right" (default)
        defer`);
    expect(box().className).toBe("right");
    expect(panel().getPropertyValue("--x")).toBe("28px");
    expect(panel().getPropertyValue("--y")).toBe("96px");
  });

  it.each(["", "abc", "-40", "1e9", "12.5", "NaN", "99999", "<b>"])("W7 leaves out the bad offset %j", async (bad) => {
    hub({ ...LOOK, offset_x: 31 });
    await load(`data-app-id="${APP_ID}" data-offset-x="${bad}" data-position="middle"`);
    expect(panel().getPropertyValue("--x")).toBe("31px");
    expect(box().className).toBe("right");
  });

  it("W10 draws the launcher in the chosen size", async () => {
    for (const [launcher_size, pixels] of [["small", 48], ["medium", 56], ["large", 68]] as const) {
      hub({ ...LOOK, launcher_size });
      await load();
      expect(panel().getPropertyValue("--d")).toBe(`${pixels}px`);
      clean();
    }
  });

  it("W14 takes PingBack's window.PingBackWidgetId instead of a data attribute", async () => {
    const asked = hub();
    window.PingBackWidgetId = LOOK.id;
    await load("async");
    expect(asked[0]!.url).toBe(`${HUB}/api/v1/widget/${LOOK.id}`);
    expect(launcher()).not.toBeNull();
  });

  it("W2 says once what is missing when the tag names no widget, and stays callable", async () => {
    const asked = hub();
    await load("defer");
    expect(asked).toEqual([]);
    expect(() => window.SoftbetChat!("open")).not.toThrow();
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("W1 does nothing the second time the script is loaded", async () => {
    const asked = hub();
    await load();
    await load();
    expect(document.querySelectorAll("parley-widget")).toHaveLength(1);
    expect(asked).toHaveLength(2);
  });
});

describe("own button", () => {
  it("W8 draws no bubble and leaves the page clickable until the command opens the panel", async () => {
    hub({ ...LOOK, own_button: true });
    await load();
    expect(launcher()).toBeNull();
    expect(frame()).toBeNull();
    window.SoftbetChat!("toggle");
    expect(isOpen()).toBe(true);
    expect(frame()).not.toBeNull();
  });

  it("W9 places the panel by the offsets alone", async () => {
    hub({ ...LOOK, own_button: true });
    await load(`data-app-id="${APP_ID}" data-position="left" data-offset-y="40"`);
    expect(panel().getPropertyValue("--up")).toBe("40px");
    expect(box().className).toBe("left");
  });
});

describe("commands", () => {
  it("J2 replays in order what was called before the script came", async () => {
    hub();
    stub();
    window.SoftbetChat!("identify", { user_id: 7, name: "Jane" });
    window.SoftbetChat!("showNewMessage", "Hi!");
    window.SoftbetChat!("identify", { name: "Janet" });
    await load();
    const { heard, say } = app();
    say({ type: "ready" });
    expect(heard.map(({ type }) => type)).toEqual(["init", "open", "new", "identify"]);
    expect(heard[0]).toMatchObject({ said: [{}, { user_id: 7, name: "Jane" }, { name: "Janet" }], open: true });
    expect(heard[2]).toEqual({ type: "new", text: "Hi!" });
  });

  it("J2 still hears whoever kept the stub", async () => {
    hub();
    stub();
    const kept = window.SoftbetChat!;
    await load();
    kept.q = window.SoftbetChat!.q!;
    kept("open");
    expect(isOpen()).toBe(true);
  });

  it("J3 J4 J5 opens, closes and toggles", async () => {
    hub();
    await load();
    const chat = window.SoftbetChat!;
    const states = ["open", "open", "toggle", "toggle", "close", "close"].map((command) => {
      chat(command);
      return isOpen();
    });
    expect(states).toEqual([true, true, false, true, false, false]);
    expect(launcher()?.getAttribute("aria-expanded")).toBe("false");
  });

  it("J6 takes a text or {text}, and never sends by itself", async () => {
    hub();
    await load();
    window.SoftbetChat!("showNewMessage", { text: "About my order" });
    window.SoftbetChat!("showNewMessage");
    const { heard, say } = app();
    say({ type: "ready" });
    expect(heard.filter(({ type }) => type === "new")).toEqual([
      { type: "new", text: "About my order" },
      { type: "new", text: "" },
    ]);
  });

  it("J1 answers an unknown command with one warning and no exception", async () => {
    hub();
    await load();
    const chat = window.SoftbetChat!;
    expect(() => {
      chat("fly");
      chat("fly", {}, () => {});
      chat("constructor");
      chat();
      chat("on", "constructor", () => {});
      chat("on", "open");
    }).not.toThrow();
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      "SoftbetChat: no command fly",
      "SoftbetChat: no command constructor",
      "SoftbetChat: no command undefined",
      "SoftbetChat: no event constructor, or no function",
      "SoftbetChat: no event open, or no function",
    ]);
  });

  it("J8 copes with what cannot cross a frame", async () => {
    hub();
    await load();
    const loop: { self?: unknown } = {};
    loop.self = loop;
    expect(() => window.SoftbetChat!("identify", loop)).not.toThrow();
    expect(() => window.SoftbetChat!("identify", { name: "Jane", on: () => {} })).not.toThrow();
    expect(() => window.SoftbetChat!("identify")).not.toThrow();
  });

  it("J9 logout forgets who it was and tells the app, but builds no frame where nothing is kept", async () => {
    hub();
    await load(`data-app-id="${APP_ID}" data-user-id="42" data-user-hash="abc"`);
    window.SoftbetChat!("logout");
    expect(frame()).toBeNull();
    window.SoftbetChat!("open");
    const { heard, say } = app();
    say({ type: "ready" });
    expect(heard[0]).toMatchObject({ type: "init", said: [] });
    window.SoftbetChat!("logout");
    expect(heard.at(-1)).toEqual({ type: "logout" });
  });

  it("J9 logout on the next page still ends a session that is kept", async () => {
    hub();
    localStorage.setItem(`parley:${APP_ID}`, "1");
    await load();
    expect(frame()).toBeNull();
    window.SoftbetChat!("logout");
    const { heard, say } = app();
    say({ type: "ready" });
    expect(heard.map(({ type }) => type)).toEqual(["init", "logout"]);
  });

  it("J9 tells of ready, open, close, unread and message", async () => {
    hub();
    const said: unknown[] = [];
    stub();
    for (const event of ["ready", "open", "close", "unread", "message"]) {
      window.SoftbetChat!("on", event, (value: unknown) => said.push([event, value]));
    }
    await load();
    window.SoftbetChat!("open");
    const { say } = app();
    say({ type: "ready" });
    say({ type: "state", says: SAYS, unread: 2, online: true, note: "2" });
    say({ type: "state", says: SAYS, unread: 2, online: false, note: "2" });
    say({ type: "message", message: { text: "Hello" } } as never);
    say({ type: "close" });
    await settled();
    expect(said).toEqual([
      ["ready", undefined],
      ["open", undefined],
      ["unread", 2],
      ["message", { text: "Hello" }],
      ["close", undefined],
    ]);
  });

  it("J9 on('ready') after the fact is told at once, and a listener that throws harms nobody", async () => {
    hub();
    await load();
    const heard = vi.fn();
    window.SoftbetChat!("on", "ready", heard);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it("I4 data-user-id and data-user-hash do what identify does", async () => {
    hub();
    await load(`data-app-id="${APP_ID}" data-user-id="42" data-user-hash="abc"`);
    window.SoftbetChat!("open");
    const { heard, say } = app();
    say({ type: "ready" });
    expect(heard[0]).toMatchObject({ said: [{ user_id: "42", user_hash: "abc" }] });
  });
});

describe("a guest on the page", () => {
  it("W24 builds no frame and stores nothing before the visitor acts, also when the page identifies them", async () => {
    hub();
    await load(`data-app-id="${APP_ID}" data-user-id="42"`);
    window.SoftbetChat!("identify", { name: "Jane" });
    expect(frame()).toBeNull();
    expect(localStorage.length).toBe(0);
    expect(document.cookie).toBe("");
  });

  it("W24 builds the frame with the page when a conversation is open, and forgets the note when all is gone", async () => {
    hub();
    localStorage.setItem(`parley:${APP_ID}`, "2");
    await load();
    expect(frame()).not.toBeNull();
    expect(isOpen()).toBe(false);
    const { say } = app();
    say({ type: "ready" });
    say({ type: "state", says: SAYS, unread: 0, online: true, note: "" });
    expect(localStorage.length).toBe(0);
  });

  it("W24 leaves its note alone as long as the app does not know", async () => {
    hub();
    localStorage.setItem(`parley:${APP_ID}`, "2");
    await load();
    const { say } = app();
    say({ type: "ready" });
    say({ type: "state", says: SAYS, unread: 0, online: null, note: null });
    expect(localStorage.getItem(`parley:${APP_ID}`)).toBe("2");
  });

  it("V7 keeps what the app lends it under its one key, gives it back to the app only, and forgets it when told", async () => {
    hub();
    localStorage.setItem(`parley:${APP_ID}`, "2vst_lent");
    await load();
    const { heard, say } = app();
    say({ type: "ready" });
    expect(heard[0]).toMatchObject({ type: "init", note: "2vst_lent" });
    expect(frame()!.dataset.src).not.toContain("vst_");
    say({ type: "state", says: SAYS, unread: 0, online: true, note: "1vst_next" }, "https://evil.example");
    expect(localStorage.getItem(`parley:${APP_ID}`)).toBe("2vst_lent");
    say({ type: "state", says: SAYS, unread: 0, online: true, note: "1vst_next" });
    expect({ ...localStorage }).toEqual({ [`parley:${APP_ID}`]: "1vst_next" });
    say({ type: "state", says: SAYS, unread: 0, online: true, note: "" });
    expect(localStorage.length).toBe(0);
  });

  it("W24 a dead hub shows nothing, throws nothing, and is asked again only a few times", async () => {
    const asked = hub(null);
    stub();
    window.SoftbetChat!("open");
    await load();
    for (let minute = 0; minute < 30; minute++) {
      await vi.advanceTimersByTimeAsync(60_000);
      await settled();
    }
    expect(document.querySelector("parley-widget")).toBeNull();
    expect(asked).toHaveLength(5);
    expect(warn).not.toHaveBeenCalled();
    expect(() => window.SoftbetChat!("toggle")).not.toThrow();
  });

  it("W24 a hub that comes back finds the calls that waited", async () => {
    hub(null);
    stub();
    window.SoftbetChat!("open");
    await load();
    hub();
    await vi.advanceTimersByTimeAsync(6000);
    await settled();
    expect(isOpen()).toBe(true);
  });

  it("W24 an unknown widget is said once and not asked for again", async () => {
    const asked = hub(404);
    await load();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(asked).toHaveLength(1);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  it("W24 a frame in which nobody answers is taken away", async () => {
    hub();
    await load();
    window.SoftbetChat!("open");
    hub(null);
    await vi.advanceTimersByTimeAsync(16_000);
    expect(document.querySelector("parley-widget")).toBeNull();
  });

  it("W5 lives in a shadow root beside the body, its panel a labelled dialog", async () => {
    hub();
    await load();
    expect(document.querySelector("parley-widget")!.parentElement).toBe(document.documentElement);
    const dialog = root().querySelector('[role="dialog"]')!;
    expect(dialog.getAttribute("aria-label")).toBe("Kestrel");
    window.SoftbetChat!("open");
    app().say({ type: "state", says: SAYS, unread: 0, online: true, note: "" });
    expect(dialog.getAttribute("aria-label")).toBe("Chat with Kestrel");
    expect(launcher()?.getAttribute("aria-label")).toBe("Close chat");
  });

  it.each([
    ['data-locale="de-AT"', "Chat öffnen"],
    ['data-locale="sv" lang="x"', "Open chat"],
    ['data-locale="ar"', "فتح الدردشة"],
    ['data-locale="constructor"', "Open chat"],
  ])("W23 %s: the bubble says %s before there is an app", async (attributes, label) => {
    hub();
    await load(`data-app-id="${APP_ID}" ${attributes}`);
    expect(launcher()?.getAttribute("aria-label")).toBe(label);
    window.SoftbetChat!("open");
    const { heard, say } = app();
    say({ type: "ready" });
    expect(heard[0]).toMatchObject({ locales: [/"(.*?)"/.exec(attributes)![1], document.documentElement.lang, "en-US", "en"] });
  });

  it("W21 shows how many are unread, and W18 the green dot only while somebody is there", async () => {
    hub(LOOK, false);
    await load();
    const dot = root().querySelector<HTMLElement>(".presence")!;
    expect(dot.hidden).toBe(true);
    window.SoftbetChat!("open");
    window.SoftbetChat!("close");
    const { say } = app();
    say({ type: "ready" });
    say({ type: "state", says: { ...SAYS, open: "Open chat, 2 unread", count: "2" }, unread: 2, online: true, note: "2" });
    expect(launcher()?.getAttribute("aria-label")).toBe("Open chat, 2 unread");
    expect(root().querySelector(".count")?.textContent).toBe("2");
    expect(dot.hidden).toBe(false);
    say({ type: "state", says: { ...SAYS, open: "Open chat, 9+ unread", count: "9+" }, unread: 12, online: false, note: "2" });
    expect(launcher()?.getAttribute("aria-label")).toBe("Open chat, 9+ unread");
    expect(dot.hidden).toBe(true);
  });

  it("W18 keeps the dot off when the merchant does not want it", async () => {
    hub({ ...LOOK, show_online_badge: false });
    await load();
    await settled();
    expect(root().querySelector<HTMLElement>(".presence")!.hidden).toBe(true);
  });

  it("W21 blinks the title only of a tab nobody looks at, and gives it back", async () => {
    hub();
    document.title = "Shop";
    await load();
    window.SoftbetChat!("open");
    window.SoftbetChat!("close");
    const { say } = app();
    say({ type: "ready" });
    say({ type: "state", says: SAYS, unread: 1, online: true, note: "2" });
    await vi.advanceTimersByTimeAsync(3000);
    expect(document.title).toBe("Shop");
    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    say({ type: "state", says: { ...SAYS, flash: "3 new messages" }, unread: 3, online: true, note: "2" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(document.title).toBe("3 new messages");
    hidden.mockReturnValue(false);
    await vi.advanceTimersByTimeAsync(2000);
    expect(document.title).toBe("Shop");
    hidden.mockRestore();
  });
});

describe("the border", () => {
  it.each([
    ["another origin", "https://evil.example", undefined],
    ["the hub's name with something after it", `${HUB}.evil.example`, undefined],
    ["no origin", "null", undefined],
    ["another window of the hub", HUB, {}],
    ["no window", HUB, null],
  ])("B8 believes nothing from %s", async (_, origin, source) => {
    hub();
    await load();
    window.SoftbetChat!("open");
    const { heard, say } = app();
    const args = source === undefined ? [] : [source];
    say({ type: "ready" }, origin, ...args);
    say({ type: "close" }, origin, ...args);
    expect(heard).toEqual([]);
    expect(isOpen()).toBe(true);
  });

  it("B8 speaks only to the hub's exact origin, and puts no secret into the frame's address", async () => {
    hub();
    await load(`data-app-id="${APP_ID}" data-user-id="42" data-user-hash="secret"`);
    window.SoftbetChat!("open");
    expect(frame()!.dataset.src).toBe(`${HUB}/widget/app?id=${APP_ID}#${location.origin}`);
  });

  it("B8 is not confused by nonsense", async () => {
    hub();
    await load();
    window.SoftbetChat!("open");
    const { say } = app();
    for (const nonsense of [{ type: "fly" }, { type: 7 }, null, "x", undefined]) {
      expect(() => say(nonsense as never)).not.toThrow();
    }
    expect(isOpen()).toBe(true);
  });
});
