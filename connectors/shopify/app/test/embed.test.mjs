/** The embed's script on an imagined page: whom it asks, what it passes on, and what it never breaks. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../extensions/parley-chat/assets/parley-chat.js", import.meta.url), "utf8");
const APP = "icw_0123456789abcdefghijABCD";
const WHO = `parley:customer:${APP}`;
const NOTE = `parley:${APP}`;
const settled = () => new Promise((resolve) => setImmediate(resolve));

class Shelf {
  constructor(items = {}) {
    this.items = { ...items };
  }
  getItem(key) {
    return this.items[key] ?? null;
  }
  setItem(key, value) {
    this.items[key] = String(value);
  }
  removeItem(key) {
    delete this.items[key];
  }
}

/** A page with the embed on it; `proxy` answers for the shop's signed side. */
class Page {
  constructor({ data = {}, local = {}, session = {}, proxy = () => ({ user_id: "" }), storage = true, now = 1e12 } = {}) {
    this.calls = []; // what the widget was told
    this.posts = []; // what went through the proxy
    this.scripts = [];
    this.listeners = {};
    this.timers = [];
    this.now = now;
    this.proxy = proxy;
    this.local = new Shelf(local);
    this.session = new Shelf(session);
    const given = { hub: "https://hub.example", appId: APP, proxy: "/apps/parley", customer: "", editing: "", locale: "de", theme: "auto", position: "parley", offsetX: "", offsetY: "", ...data };
    const listen = (event, act) => (this.listeners[event] ??= []).push(act);
    const page = this;
    this.document = {
      hidden: false,
      readyState: "complete",
      getElementById: (id) => (id === "parley-chat" ? { dataset: given } : null),
      createElement: () => ({ dataset: {} }),
      head: { append: (script) => page.scripts.push(script) },
      addEventListener: listen,
    };
    const context = {
      document: this.document,
      location: { origin: "https://kestrel-clay.example", pathname: "/products/mug", search: "?secret=1" },
      addEventListener: listen,
      setTimeout: (act) => page.timers.push(act),
      AbortSignal,
      Date: { now: () => page.now },
      fetch: (path, init) => page.fetch(path, init),
      SoftbetChat: (...call) => page.calls.push(call),
    };
    context.window = context;
    for (const [name, shelf] of [["localStorage", this.local], ["sessionStorage", this.session]]) {
      Object.defineProperty(context, name, {
        get() {
          if (!storage) throw new Error("SecurityError");
          return shelf;
        },
      });
    }
    this.context = vm.createContext(context);
  }

  async run() {
    vm.runInContext(SOURCE, this.context);
    await settled();
    return this;
  }

  async fetch(path, init) {
    this.posts.push({ path, init });
    const answer = await this.proxy(path);
    if (typeof answer === "number") return { ok: false, status: answer };
    return { ok: true, json: async () => ({ app_id: APP, ...answer }) };
  }

  /** The visitor opens the chat. */
  async open() {
    this.calls.find(([command, event]) => command === "on" && event === "open")[2]();
    await settled();
  }

  async fire(event, value = {}) {
    this.listeners[event].forEach((act) => act(value));
    await settled();
  }

  asked() {
    return this.posts.map(({ path }) => path);
  }

  told(command) {
    return this.calls.filter(([said]) => said === command).map(([, argument]) => argument);
  }
}

let made = 0;
const ticketFor = (customer) => () => ({ user_id: customer, user_token: `idt_${++made}` });

test("a guest's page asks nobody and loads the chat with what the theme says", async () => {
  const page = await new Page({ data: { position: "left", offsetX: "40" } }).run();
  assert.deepEqual(page.asked(), []);
  assert.equal(page.scripts[0].src, "https://hub.example/widget.js");
  const { appId, position, offsetX, offsetY } = page.scripts[0].dataset;
  assert.deepEqual([appId, position, offsetX, offsetY], [APP, "left", "40", undefined]);
});

test("the script waits for the page to have loaded", async () => {
  const page = new Page();
  page.document.readyState = "interactive";
  await page.run();
  assert.equal(page.scripts.length, 0);
  await page.fire("load");
  assert.equal(page.scripts.length, 1);
});

test("opening the chat asks through the shop and passes the ticket on, once", async () => {
  const page = await new Page({ data: { customer: "1" }, proxy: ticketFor("cus_1") }).run();
  await page.open();
  await page.open();
  assert.deepEqual(page.asked(), ["/apps/parley/session"]);
  assert.deepEqual(page.told("identify").map(({ user_id }) => user_id), ["cus_1"]);
  assert.equal(page.local.items[WHO], "cus_1");
  assert.equal(page.posts[0].init.method, "POST");
  assert.deepEqual(JSON.parse(page.posts[0].init.body), { url: "https://kestrel-clay.example/products/mug" });
});

test("a page that a cache has made for a guest still finds the customer", async () => {
  const page = await new Page({ proxy: ticketFor("cus_1") }).run();
  await page.open();
  assert.equal(page.told("identify").length, 1);
});

test("whoever logs in while they chat is proven with the next page", async () => {
  const page = await new Page({ data: { customer: "1" }, local: { [NOTE]: "2" }, proxy: ticketFor("cus_1") }).run();
  assert.equal(page.told("identify").length, 1);
});

test("V6: logged out in the shop, logged out in the chat, before the chat is there", async () => {
  let scripts = -1;
  const page = new Page({ local: { [WHO]: "cus_1", [NOTE]: "2" }, proxy: () => ({ user_id: "" }) });
  const push = page.calls.push.bind(page.calls);
  page.calls.push = (call) => (call[0] === "logout" && (scripts = page.scripts.length), push(call));
  await page.run();
  assert.equal(page.told("logout").length, 1);
  assert.equal(scripts, 0);
  assert.equal(page.local.items[WHO], undefined);
  assert.equal(page.scripts.length, 1);
});

test("V6: another customer on the same computer ends the session of the one before", async () => {
  const page = await new Page({ data: { customer: "1" }, local: { [WHO]: "cus_1", [NOTE]: "2" }, proxy: ticketFor("cus_2") }).run();
  assert.deepEqual(page.calls.map(([command]) => command).filter((one) => one !== "on"), ["logout", "identify"]);
  assert.equal(page.local.items[WHO], "cus_2");
});

test("V6: the page's own word logs nobody in or out", async () => {
  const page = await new Page({ data: { customer: "1" }, local: { [WHO]: "cus_1" }, proxy: () => 401 }).run();
  await page.open();
  assert.deepEqual([page.told("identify"), page.told("logout")], [[], []]);
  assert.equal(page.scripts.length, 1);
});

test("V6: logged out in another tab, noticed when this one is looked at again", async () => {
  const page = await new Page({ local: { [WHO]: "cus_1" }, proxy: ticketFor("cus_1") }).run();
  page.proxy = () => ({ user_id: "" });
  await page.fire("visibilitychange");
  assert.equal(page.told("logout").length, 0); // asked a moment ago
  page.now += 31_000;
  await page.fire("visibilitychange");
  assert.equal(page.told("logout").length, 1);
});

test("V6: a page out of the browser's back cache asks anew", async () => {
  const page = await new Page({ local: { [WHO]: "cus_1" }, proxy: ticketFor("cus_1") }).run();
  page.proxy = () => ({ user_id: "" });
  page.now += 31_000;
  await page.fire("pageshow", { persisted: false });
  assert.equal(page.told("logout").length, 0);
  await page.fire("pageshow", { persisted: true });
  assert.equal(page.told("logout").length, 1);
});

test("a ticket that has grown old is not passed on: another is fetched", async () => {
  const page = await new Page({ local: { [WHO]: "cus_1" }, proxy: ticketFor("cus_1") }).run();
  assert.deepEqual(page.told("identify"), []); // nobody would use it yet
  page.now += 61_000;
  await page.open();
  assert.deepEqual(page.asked(), ["/apps/parley/session", "/apps/parley/session"]);
  assert.equal(page.told("identify").length, 1);
});

test("an answer for another workspace's chat changes nothing", async () => {
  const page = new Page({ local: { [WHO]: "cus_1" }, proxy: () => ({ app_id: "icw_other", user_id: "cus_9", user_token: "idt_9" }) });
  await page.run();
  await page.open();
  assert.deepEqual([page.told("identify"), page.told("logout")], [[], []]);
});

for (const [what, proxy] of Object.entries({
  "answers 502": () => 502,
  "answers nonsense": () => null,
  "hangs up": () => Promise.reject(new TypeError("Failed to fetch")),
})) {
  test(`a proxy that ${what} leaves a page with a chat`, async () => {
    const page = await new Page({ data: { customer: "1" }, local: { [WHO]: "cus_1", [NOTE]: "2" }, proxy }).run();
    await page.open();
    assert.equal(page.scripts.length, 1);
  });
}

test("without storage the chat works and nobody is remembered", async () => {
  const page = await new Page({ storage: false, data: { customer: "1" }, proxy: ticketFor("cus_1") }).run();
  page.timers.forEach((act) => act());
  await page.open();
  assert.deepEqual(page.asked(), ["/apps/parley/session"]); // and no heartbeat with every page
  assert.equal(page.told("identify").length, 1);
});

test("the heartbeat goes out once a browser session, and with no other question", async () => {
  const first = await new Page().run();
  first.timers.forEach((act) => act());
  assert.deepEqual(first.asked(), ["/apps/parley/seen"]);
  const second = await new Page({ session: first.session.items }).run();
  second.timers.forEach((act) => act());
  assert.deepEqual(second.asked(), []);
  const known = await new Page({ local: { [WHO]: "cus_1" }, proxy: ticketFor("cus_1") }).run();
  known.timers.forEach((act) => act());
  assert.deepEqual(known.asked(), ["/apps/parley/session"]);
});

test("in the theme editor the chat is shown and nobody is asked", async () => {
  const page = await new Page({ data: { editing: "1", customer: "1" }, local: { [WHO]: "cus_1", [NOTE]: "2" } }).run();
  page.timers.forEach((act) => act());
  await page.open();
  assert.deepEqual([page.asked(), page.scripts.length], [[], 1]);
});

test("run twice it is there once, and without its settings not at all", async () => {
  const page = await new Page().run();
  await page.run();
  assert.equal(page.scripts.length, 1);
  for (const data of [{ hub: "" }, { hub: "javascript:alert(1)" }, { appId: "" }]) {
    assert.equal((await new Page({ data }).run()).scripts.length, 0);
  }
});

test("calls of the theme made before the chat is there are kept in their order", async () => {
  const page = new Page();
  delete page.context.SoftbetChat;
  await page.run();
  page.context.SoftbetChat("open");
  assert.deepEqual([...page.context.SoftbetChat.q].map(([command]) => command), ["on", "on", "open"]);
});
