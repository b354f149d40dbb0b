/** Sessions, identity and what is on the screens: who may see what, and when it is forgotten. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Conversation } from "../../chat/protocol";
import type { Init, ToPage } from "../src/bridge";
import { Chat } from "../src/app/chat";
import * as state from "../src/app/state";
import { FakeSocket, WELCOME, added, message, socket } from "./hub";
import { LOOK } from "./page";

const CONVERSATION: Conversation = {
  id: "c1000000",
  status: "open",
  assignee: null,
  answering: "",
  last: { text: "Hello", author: "agent", at: "2026-11-20T10:00:00Z" },
  last_seq: 2,
  read_seq: 1,
  agent_read_seq: 0,
  unread: 1,
  created_at: "2026-11-20T09:00:00Z",
  updated_at: "2026-11-20T10:00:00Z",
};

const INIT: Init = {
  type: "init",
  appearance: LOOK,
  page: { url: "https://shop.example/", title: "Shop" },
  locales: ["en"],
  theme: "auto",
  said: [],
  note: "",
  open: false,
};

interface Asked {
  method: string;
  path: string;
  token: string;
  body: any;
}

/** The hub's HTTP side, with sessions as the contract has them. */
class Hub {
  asked: Asked[] = [];
  helps: string[] = []; // what was asked of the help centre, which needs no session
  sessions = new Map<string, { user: string | null }>();
  conversations: Conversation[] = [];
  made = 0;
  down = false;
  slow = 0; // milliseconds to an answer

  constructor() {
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
    vi.stubGlobal("fetch", async (path: string, options: RequestInit) => {
      if (this.down) throw new TypeError("Failed to fetch");
      if (this.slow) await new Promise((resolve) => setTimeout(resolve, this.slow));
      if (path.startsWith("/api/v1/widget/w/help?")) {
        this.helps.push(path);
        return new Response(JSON.stringify({ locale: "en", total: 0, url: "", collections: [] }));
      }
      const headers = options.headers as { Authorization?: string };
      const body = options.body ? JSON.parse(options.body as string) : null;
      const asked = { method: options.method!, path, token: headers.Authorization?.slice(7) ?? "", body };
      this.asked.push(asked);
      const [status, answer] = this.answer(asked);
      return new Response(status === 204 ? null : JSON.stringify(answer), { status });
    });
  }

  paths(): string[] {
    return this.asked.map(({ method, path }) => `${method} ${path}`);
  }

  private answer({ method, path, token, body }: Asked): [number, unknown] {
    if (path === "/v1/chat/session" && method === "POST") {
      if (body.identity?.name === "too long") return [422, { error: { code: "invalid", message: "name is too long" } }];
      if (body.page.title.length > 300) return [422, { error: { code: "invalid", message: "", field: "page.title" } }];
      if (body.identity?.user_hash === "wrong") return [401, { error: { code: "bad_user_hash", message: "wrong secret" } }];
      return [200, this.open(body.identity)];
    }
    const session = this.sessions.get(token);
    if (!session) return [401, { error: { code: "unauthenticated", message: "" } }];
    if (method === "DELETE") return [(this.sessions.delete(token), 204), null];
    if (path.endsWith("/identify")) return this.identify(token, body);
    if (path.endsWith("/conversations")) return [200, { items: this.conversations }];
    if (path.endsWith("/activity")) return [200, { items: [] }];
    return [200, { items: [message("a", 1, "visitor"), message("b", 2)], more: false }];
  }

  private identify(token: string, body: any): [number, unknown] {
    if (body.user_hash === "wrong") return [401, { error: { code: "bad_user_hash", message: "wrong secret" } }];
    const { user } = this.sessions.get(token)!;
    if (user && body.user_id && user !== body.user_id) {
      this.sessions.delete(token);
      return [200, this.open(body)];
    }
    this.sessions.set(token, { user: user ?? body.user_id ?? null });
    return [200, this.view(token)];
  }

  private open(identity: any): unknown {
    const token = `vst_${++this.made}`;
    this.sessions.set(token, { user: identity?.user_hash ? identity.user_id : null });
    return this.view(token);
  }

  private view(token: string): unknown {
    const { user } = this.sessions.get(token)!;
    return { token, visitor: `vis_${token}`, assurance: user ? "hmac" : "anonymous", name: "", customer: user };
  }
}

let hub: Hub;
let told: ToPage[];
let chats: Chat[] = [];

function start(init: Partial<Init> = {}): Chat {
  told = [];
  const chat = new Chat("w", (message) => told.push(message));
  chats.push(chat);
  chat.begin({ ...INIT, ...init });
  return chat;
}

/** Another page of the shop: the same storage, nothing in memory. */
function reload(): void {
  leave();
  state.forget();
  state.decided.value = false;
  state.open.value = false;
}

function leave(): void {
  for (const chat of chats) (chat as unknown as { connection?: { stop(): void } | null }).connection?.stop();
  chats = [];
}

const after = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const bob = { user_id: "bob", user_hash: "ok" };
const amy = { user_id: "amy", user_hash: "ok" };

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
  hub = new Hub();
  reload();
});
afterEach(() => {
  leave();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the session", () => {
  it("W24 is made when the visitor acts, not before", async () => {
    const chat = start();
    await after(5000);
    expect(hub.asked).toEqual([]);
    chat.opened();
    await after();
    expect(hub.paths()).toEqual(["POST /v1/chat/session"]);
    expect(hub.asked[0]!.body).toEqual({ widget: "w", locale: "en", page: INIT.page });
  });

  it("V7 stays in the frame's storage, under the widget's id, and is used again on the next page", async () => {
    start({ open: true });
    await after();
    reload();
    start();
    await after();
    expect(hub.made).toBe(1);
    expect(Object.keys(localStorage)).toEqual(["parley:w:session"]);
    expect(hub.asked.some(({ path }) => path.includes("vst_"))).toBe(false);
  });

  it("J8 travels with what the page said before the visitor acted", async () => {
    start({ open: true, said: [{ user_id: 42, user_hash: "ok" }, { name: "Jane", attributes: { plan: "Pro" } }] });
    await after();
    expect(hub.asked[0]!.body.identity).toEqual({
      user_id: "42",
      user_hash: "ok",
      name: "Jane",
      attributes: { plan: "Pro" },
    });
    expect(state.verified.value).toBe(true);
  });

  it("J8 is judged anew when the page says more, and not when it says the same", async () => {
    const chat = start({ open: true, said: [{ name: "Jane" }] });
    await after();
    chat.identify({ name: "Jane" });
    await after();
    expect(hub.paths().filter((path) => path.includes("identify"))).toHaveLength(0);
    chat.identify(amy);
    await after();
    expect(hub.paths().filter((path) => path.includes("identify"))).toHaveLength(1);
    expect(state.verified.value).toBe(true);
  });

  it("I3 a wrong hash leaves an anonymous session with its claims, and tells the page's author", async () => {
    start({ open: true, said: [{ user_id: "amy", user_hash: "wrong", name: "Amy" }] });
    await after();
    expect(hub.asked.at(-1)!.body.identity).toEqual({ name: "Amy" });
    expect(state.verified.value).toBe(false);
    expect(told).toContainEqual({ type: "warn", text: "identify: wrong secret" });
  });

  it("J8 something wrong in what the page says costs the visitor no chat", async () => {
    start({ open: true, said: [{ ...amy, name: "too long" }], page: { url: "https://x.example", title: "x".repeat(999) } });
    await after();
    expect(state.session.value?.assurance).toBe("anonymous");
    expect(told).toContainEqual({ type: "warn", text: "identify: name is too long" });
  });

  it("W20 keeps trying while the hub is away, and keeps what was said", async () => {
    hub.down = true;
    const chat = start({ open: true });
    chat.send("c2000000", "Is anybody there?");
    await after(3000);
    expect(state.status.value).toBe("offline");
    expect(state.outgoing.value.map(({ frame }) => frame.text)).toEqual(["Is anybody there?"]);
    hub.down = false;
    await after(10_000);
    socket().greet();
    expect(socket().sent("send")).toMatchObject([{ conversation: "c2000000", text: "Is anybody there?" }]);
  });

  it("W20 gets a new one when the hub no longer knows the token", async () => {
    start({ open: true });
    await after();
    hub.sessions.clear();
    socket().accept();
    socket().drop(4401);
    await after(100);
    expect(hub.made).toBe(2);
    expect(state.session.value?.token).toBe("vst_2");
  });
});

describe("a browser that gives the frame no storage", () => {
  let storage: { mockRestore(): void };

  beforeEach(() => {
    storage = vi.spyOn(window, "localStorage", "get").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    hub.conversations = [CONVERSATION];
  });
  afterEach(() => storage.mockRestore());

  it("V7 lends the token of an unverified session to the loader, and takes it up on the next page", async () => {
    const chat = start({ open: true });
    expect(chat.note()).toBeNull();
    await after();
    socket().greet();
    await after();
    expect(chat.note()).toBe("2vst_1");
    reload();
    const next = start({ note: "2vst_1" });
    await after();
    socket().greet();
    await after();
    expect(hub.made).toBe(1);
    expect(state.unread.value).toBe(1);
    expect(next.note()).toBe("2vst_1");
  });

  it("V7 takes it back as soon as the visitor is verified: a proven customer's token is never lent", async () => {
    const chat = start({ open: true });
    await after();
    chat.identify(amy);
    await after();
    expect(state.verified.value).toBe(true);
    expect(chat.note()).toBe("2");
    reload();
    const next = start({ note: "2", said: [amy] });
    await after(2000);
    expect(state.unread.value).toBe(1);
    expect(next.note()).toBe("2");
  });

  it("V7 takes it back with logout, which also kills a token that was only lent", async () => {
    const chat = start({ open: true });
    await after();
    reload();
    const next = start({ note: chat.note()! || "1vst_1" });
    next.logout();
    expect(next.note()).toBe("");
    await after();
    expect(hub.sessions.size).toBe(0);
  });

  it.each(["2", "", "1javascript:x", "2vst_", "2vst_a b", "9"])("V7 makes nothing of the note %j", async (note) => {
    start({ note });
    await after(5000);
    expect(hub.asked).toEqual([]);
  });

  it("V7 does not believe the page's note where the frame has storage of its own", async () => {
    storage.mockRestore();
    start({ note: "2vst_planted" });
    await after(5000);
    expect(hub.asked).toEqual([]);
  });
});

describe("somebody else sits down", () => {
  async function amyWasHere(): Promise<Chat> {
    hub.conversations = [CONVERSATION];
    const chat = start({ open: true, said: [amy] });
    await after();
    socket().greet();
    await after();
    chat.draft(CONVERSATION.id, "half a sentence");
    chat.send(CONVERSATION.id, "never acknowledged");
    expect(state.conversations.value.items).toHaveLength(1);
    return chat;
  }

  const shown = (): unknown[] => [
    state.conversations.value.items,
    state.activity.value.items,
    [...state.threads.value],
    state.outgoing.value,
  ];

  it("V6 logout revokes the session and leaves nothing, here or in storage", async () => {
    const chat = await amyWasHere();
    hub.conversations = [];
    chat.logout();
    expect(shown().flat()).toEqual([]);
    await after();
    expect(hub.paths()).toContain("DELETE /v1/chat/session");
    expect(hub.sessions.size).toBe(0);
    expect(Object.keys(localStorage)).toEqual([]);
    expect(chat.note()).toBe("");
    expect(chat.draft(CONVERSATION.id)).toBe("");
  });

  it("V6 logout during a request to sign in wins", async () => {
    hub.slow = 100;
    const chat = start({ open: true, said: [amy] });
    await after(50);
    chat.logout();
    await after(1000);
    expect(hub.sessions.size).toBe(0);
    expect(FakeSocket.all).toEqual([]);
    expect(state.session.value).toBeNull();
    expect(Object.keys(localStorage)).toEqual([]);
  });

  it("V6 another customer's proof clears the screen at once, before the hub has answered", async () => {
    const chat = await amyWasHere();
    hub.conversations = [];
    chat.identify(bob);
    expect(shown().flat()).toEqual([]);
    await after();
    expect(state.session.value?.token).toBe("vst_2");
    expect(hub.sessions.has("vst_1")).toBe(false);
    socket().greet();
    await after();
    expect(socket().sent("send")).toEqual([]);
    expect(Object.keys(localStorage)).toEqual(["parley:w:session"]);
  });

  it("V6 on the next page too, nothing of the former customer is shown or sent", async () => {
    await amyWasHere();
    reload();
    hub.conversations = [];
    start({ open: true, said: [bob] });
    expect(shown().flat()).toEqual([]);
    await after();
    socket().greet();
    await after();
    expect(state.session.value?.customer).toBe("bob");
    expect(socket().sent("send")).toEqual([]);
    expect(state.outgoing.value).toEqual([]);
  });

  it("V6 a wrong hash for another customer does not leave the former one's chat open", async () => {
    const chat = await amyWasHere();
    hub.conversations = [];
    chat.identify({ user_id: "bob", user_hash: "wrong" });
    await after();
    expect(hub.sessions.has("vst_1")).toBe(false);
    expect(state.session.value?.assurance).toBe("anonymous");
    expect(shown().flat()).toEqual([]);
  });

  it("V6 signing out in another tab clears this one", async () => {
    await amyWasHere();
    localStorage.clear();
    window.dispatchEvent(new StorageEvent("storage", { key: null, storageArea: localStorage }));
    expect(shown().flat()).toEqual([]);
    expect(state.session.value).toBeNull();
  });
});

describe("conversations", () => {
  async function reading(): Promise<Chat> {
    hub.conversations = [CONVERSATION];
    const chat = start({ open: true });
    await after();
    socket().greet();
    await after();
    return chat;
  }

  it("W21 counts what is unread over all conversations, and stops counting what is being read", async () => {
    const chat = await reading();
    expect(state.unread.value).toBe(1);
    socket().say(added(11, "m3", 3));
    expect(state.unread.value).toBe(2);
    chat.show({ name: "conversation", id: CONVERSATION.id, from: "home" });
    await after();
    expect(state.unread.value).toBe(0);
    expect(socket().sent("read").at(-1)).toEqual({ type: "read", conversation: CONVERSATION.id, upto: 3 });
    socket().say(added(12, "m4", 4));
    expect(state.unread.value).toBe(0);
    expect(socket().sent("read").at(-1)).toMatchObject({ upto: 4 });
  });

  it("W21 counts a message once that the fetched list counts already", async () => {
    await reading();
    socket().say(added(11, "b", 2));
    expect(state.unread.value).toBe(1);
  });

  it("W21 does not mark as read what comes while the panel is closed", async () => {
    const chat = await reading();
    chat.show({ name: "conversation", id: CONVERSATION.id, from: "home" });
    await after();
    chat.closed();
    socket().say(added(11, "m3", 3));
    expect(state.unread.value).toBe(1);
    chat.opened();
    expect(state.unread.value).toBe(0);
  });

  it("W21 what was read while offline is told with the next welcome", async () => {
    const chat = await reading();
    socket().drop();
    chat.show({ name: "conversation", id: CONVERSATION.id, from: "home" });
    await after(600);
    expect(state.unread.value).toBe(1);
    socket().greet({ resumed: true });
    expect(state.unread.value).toBe(0);
    expect(socket().sent("read")).toHaveLength(1);
  });

  it("W21 reading in another tab counts here", async () => {
    await reading();
    socket().say({ seq: 11, type: "MessagesRead", conversation: CONVERSATION.id, reader: "visitor", upto: 2, visitor: "", customer: null });
    expect(state.unread.value).toBe(0);
  });

  it("W20 shows a message once, however often it comes", async () => {
    const chat = await reading();
    chat.show({ name: "conversation", id: CONVERSATION.id, from: "home" });
    await after();
    chat.send(CONVERSATION.id, "Hi");
    const { id } = socket().sent("send")[0] as { id: string };
    const own = { ...message(id, 3, "visitor", "Hi") };
    socket().say({ type: "ack", id, conversation: CONVERSATION.id, seq: 3, at: own.at });
    socket().say({ seq: 11, type: "MessageAdded", conversation: CONVERSATION.id, message: own, visitor: "", customer: null });
    expect(state.thread(CONVERSATION.id).items.map((one) => one.id)).toEqual(["a", "b", id]);
    expect(state.outgoing.value).toEqual([]);
  });

  it("W20 fetches what is missing between two messages", async () => {
    const chat = await reading();
    chat.show({ name: "conversation", id: CONVERSATION.id, from: "home" });
    await after();
    socket().say(added(11, "m9", 9));
    expect(hub.paths().at(-1)).toBe(`GET /v1/chat/conversations/${CONVERSATION.id}/messages?limit=50&after=2`);
  });

  it("W20 fetches afresh when the hub could not resume", async () => {
    const chat = await reading();
    chat.show({ name: "conversation", id: CONVERSATION.id, from: "home" });
    await after();
    socket().drop();
    await after(1000);
    hub.asked = [];
    socket().greet({ epoch: "e2" });
    expect(hub.paths()).toEqual([
      "GET /v1/chat/conversations",
      `GET /v1/chat/conversations/${CONVERSATION.id}/messages?limit=50`,
    ]);
  });

  it("W20 fetches its lists by HTTP when no socket comes up", async () => {
    hub.conversations = [CONVERSATION];
    start({ open: true });
    await after(2000);
    expect(state.conversations.value).toMatchObject({ state: "ready", items: [{ id: CONVERSATION.id }] });
  });

  it("W21 a new conversation is in the list before the hub has heard of it", async () => {
    const chat = await reading();
    chat.showNew("About my order");
    const { id } = state.screen.value as { id: string };
    expect(chat.draft("new")).toBe("About my order");
    expect(socket().sent("send")).toEqual([]);
    chat.send(id, "About my order");
    expect(state.conversations.value.items[0]).toMatchObject({ id, last: { text: "About my order" } });
    expect(chat.note()).toBe("2");
  });

  it("W21 tells of typing now and then, and of its end", async () => {
    const chat = await reading();
    for (let key = 0; key < 8; key++) {
      chat.typing(CONVERSATION.id, true);
      await after(500);
    }
    chat.typing(CONVERSATION.id, false);
    chat.typing(CONVERSATION.id, false);
    expect(socket().sent("typing").map((frame) => "on" in frame && frame.on)).toEqual([true, true, false]);
  });

  it("W21 an agent's typing ends with their message, or with silence", async () => {
    await reading();
    const typing = { type: "typing", conversation: CONVERSATION.id, who: "agent", person: null, on: true };
    socket().say(typing);
    expect(state.thread(CONVERSATION.id).typing).not.toBeNull();
    socket().say(added(11, "m3", 3));
    expect(state.thread(CONVERSATION.id).typing).toBeNull();
    socket().say(typing);
    await after(8000);
    expect(state.thread(CONVERSATION.id).typing).toBeNull();
  });

  it("J9 tells the page of what others say, not of the visitor's own words", async () => {
    await reading();
    told = [];
    socket().say(added(11, "m3", 3));
    socket().say({ ...added(12, "m4", 4), message: message("m4", 4, "visitor") });
    expect(told.filter(({ type }) => type === "message")).toMatchObject([{ message: { id: "m3", text: "m3" } }]);
  });

  it("W11 asks for activity only in a verified session", async () => {
    await reading();
    expect(hub.paths().some((path) => path.includes("activity"))).toBe(false);
    reload();
    localStorage.clear();
    start({ open: true, said: [amy] });
    await after();
    socket().greet(WELCOME);
    expect(hub.paths()).toContain("GET /v1/chat/activity");
  });
});

describe("the assistant and people", () => {
  it("A8 asks for a person at once, and again after a lost connection until the hub has decided", async () => {
    const chat = start({ open: true });
    await after();
    socket().greet();
    chat.askPerson("c1000000");
    expect(socket().sent("ask_person")).toMatchObject([{ conversation: "c1000000" }]);
    socket().drop();
    await after(2000);
    socket().greet({ resumed: true });
    expect(socket().sent("ask_person")).toHaveLength(1);
    const changed = { type: "ConversationChanged", conversation: "c1000000", status: "open", assignee: null, visitor: null, customer: null };
    socket().say({ ...changed, seq: 11, answering: "people" });
    socket().drop();
    await after(2000);
    socket().greet({ resumed: true });
    expect(socket().sent("ask_person")).toEqual([]);
  });

  it("I7 keeps the session when an address was proven, and whose it is", async () => {
    const chat = start({ open: true, said: [amy] });
    await after();
    const { token, subject } = state.session.value!;
    chat.proven({ token, visitor: "v", assurance: "email", name: "", customer: null });
    expect(state.session.value).toMatchObject({ token, subject, assurance: "email" });
    reload();
    start({ said: [amy] });
    await after();
    expect(hub.made).toBe(1);
    expect(state.session.value!.assurance).toBe("email");
  });

  it("A8 an address to be reached at is claimed, remembered, and forgotten with the visitor", async () => {
    const chat = start({ open: true });
    await after();
    chat.reachAt("amara@posteo.example");
    await after();
    expect(hub.asked.at(-1)).toMatchObject({ path: "/v1/chat/identify", body: { email: "amara@posteo.example" } });
    expect(chat.claimedEmail()).toBe("amara@posteo.example");
    reload();
    const next = start({ open: true });
    await after();
    expect(next.claimedEmail()).toBe("amara@posteo.example");
    next.logout();
    await after();
    expect(next.claimedEmail()).toBe("");
    expect(Object.keys(localStorage)).toEqual([]);
  });

  it("W23 tells the hub the language the visitor reads, so that the assistant answers in it", async () => {
    state.help.value = { state: "idle", total: 0, url: "", collections: [] };
    const chat = new Chat("w", () => {});
    chats.push(chat);
    chat.begin({ ...INIT, locales: ["sv", "de-AT"], open: true }, "de-AT");
    await after();
    expect(hub.asked[0]!.body.locale).toBe("de-AT");
    expect(hub.helps).toEqual(["/api/v1/widget/w/help?locale=de-AT"]);
  });
});
