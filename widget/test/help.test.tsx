/** The help centre in the widget: how one finds an article, and that nothing in it is believed. */

import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Chat } from "../src/app/chat";
import * as data from "../src/app/help/data";
import { article } from "../src/app/help/markup";
import { marked } from "../src/app/help/marks";
import { Panel } from "../src/app/panel";
import * as state from "../src/app/state";
import { ReachContext } from "../src/app/use";
import { CENTRE, Centre, HOME, answered } from "./centre";
import { LOOK } from "./page";

const $ = <E extends HTMLElement>(selector: string): E | null => document.querySelector<E>(selector);
const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)];

let centre: Centre;
let chat: Chat;
let closed = 0;

beforeAll(() => import("../src/app/help/screens"));

async function draw(screen: state.Screen = { name: "home" }): Promise<void> {
  state.screen.value = screen;
  document.body.innerHTML = '<div id="app"></div>';
  await act(() =>
    render(
      <ReachContext.Provider value={{ chat, close: () => closed++ }}>
        <Panel />
      </ReachContext.Provider>,
      $("#app")!,
    ),
  );
  await act(answered);
}

async function click(selector: string | HTMLElement): Promise<void> {
  const target = typeof selector === "string" ? $(selector)! : selector;
  await act(() => target.click());
  await act(answered);
}

async function type(text: string): Promise<void> {
  await act(() => {
    const box = $<HTMLInputElement>(".seek input")!;
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

beforeEach(() => {
  centre = new Centre();
  chat = new Chat("w", () => {});
  vi.spyOn(chat, "showNew").mockImplementation(() => {});
  closed = 0;
  state.forget();
  state.appearance.value = LOOK;
  state.open.value = true;
  state.help.value = CENTRE;
  data.articles.value = new Map();
  data.votes.value = new Map();
  data.search("w", "");
});
afterEach(() => {
  render(null, $("#app")!);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("W13 the way in", () => {
  it("W13 is on Home and in the tabs, only where there are articles", async () => {
    await draw();
    expect(all(".tabs button").map((tab) => tab.textContent)).toEqual(["Home", "Messages", "Help"]);
    expect(all(".find li").map((row) => row.textContent)).toEqual(["When will it arrive?", "Can I put it in the dishwasher?"]);
    await act(() => void (state.help.value = { ...CENTRE, total: 0, collections: [] }));
    expect(all(".tabs button")).toHaveLength(2);
    expect($(".find")).toBeNull();
  });

  it("W13 leads from Home to the search, with the box in hand", async () => {
    await draw();
    await click(".find .w-field");
    expect(document.activeElement).toBe($(".seek input"));
    expect($(".seek input")!.getAttribute("aria-label")).toBe("Search 3 articles");
  });

  it("W13 is fetched once, in the visitor's language, when the panel opens; a help centre that fails stays hidden", async () => {
    state.help.value = { state: "idle", total: 0, url: "", collections: [] };
    centre.down = [""];
    chat.begin({ type: "init", appearance: LOOK, page: { url: "", title: "" }, locales: ["de-AT"], theme: "", said: [], note: "", open: false }, "de-AT");
    expect(centre.asked).toEqual([]);
    chat.opened();
    await answered();
    expect(state.hasHelp.value).toBe(false);
    centre.down = [];
    chat.opened();
    chat.opened();
    await answered();
    expect(state.hasHelp.value).toBe(true);
    chat.opened();
    await answered();
    const asked = centre.asked.filter(({ path }) => path === "");
    expect(asked.map(({ query }) => query.get("locale"))).toEqual(["de-AT", "de-AT"]);
  });

  it("W13 goes from collections over a collection to an article and back, the focus where one was", async () => {
    await draw({ name: "help" });
    expect(all(".row").map((row) => row.textContent)).toEqual(["Orders2 articles", "Care1 article"]);
    await click('[data-key="collection:col_1"]');
    expect($("h1")!.textContent).toBe("Orders");
    await click('[data-key="article:address"]');
    expect($("article h1")!.textContent).toBe("Change an address");
    expect(document.activeElement).toBe($("main"));
    await click('[aria-label="Back"]');
    expect((document.activeElement as HTMLElement).dataset.key).toBe("article:address");
    await click('[aria-label="Back"]');
    expect((document.activeElement as HTMLElement).dataset.key).toBe("collection:col_1");
  });

  it("W13 says so when help does not load, and when a collection is empty", async () => {
    state.help.value = { state: "failed", total: 0, url: "", collections: [] };
    await draw({ name: "help" });
    expect($(".state h2")!.textContent).toBe("Help did not load");
    await click(".state button");
    expect(all(".row")).toHaveLength(2);
    await act(() => void (state.help.value = { state: "ready", total: 0, url: "", collections: [] }));
    expect($(".state h2")!.textContent).toBe("No articles here yet");
  });
});

describe("W13 search", () => {
  it("W13 waits until one pauses, and marks the words that were sought", async () => {
    vi.useFakeTimers();
    await draw({ name: "help" });
    for (const words of ["d", "dish", "dishwash"]) await type(words);
    expect(centre.searched()).toEqual([]);
    await act(async () => void (await vi.advanceTimersByTimeAsync(200)));
    await act(answered);
    expect(centre.searched()).toEqual(["dishwash"]);
    expect(all(".t mark").map((mark) => mark.textContent)).toEqual(["Dishwash", "dishwash"]);
    expect($(".tally")!.textContent).toBe("1 article");
  });

  it("W13 drops an answer that comes for words that have changed", async () => {
    vi.useFakeTimers();
    centre.held = [];
    await draw({ name: "help" });
    for (const words of ["first", "second"]) {
      await type(words);
      await act(async () => void (await vi.advanceTimersByTimeAsync(200)));
    }
    const [first, second] = centre.held;
    await act(async () => (second!(), await answered()));
    await act(async () => (first!(), await answered()));
    expect($(".row .t")!.textContent).toMatch(/second$/);
  });

  it("W13 offers to ask instead, with the words in the box and not yet sent", async () => {
    centre.hits = [];
    await draw({ name: "help" });
    data.search("w", " xyzzy ", 0);
    await act(answered);
    expect($(".nothing h2")!.textContent).toBe("Nothing found for “xyzzy”");
    expect($(".instead .t")!.textContent).toBe("Ask us instead");
    await act(() => void (state.appearance.value = { ...LOOK, assistant: true }));
    expect($(".instead .t")!.textContent).toBe("Ask the assistant instead");
    await click(".instead button");
    expect(chat.showNew).toHaveBeenCalledWith("xyzzy");
  });

  it("W13 Escape clears the search before it closes the panel", async () => {
    await draw({ name: "help" });
    data.search("w", "words", 0);
    await act(answered);
    const seen: string[] = [];
    const hear = (event: KeyboardEvent): void => void seen.push(event.key);
    document.addEventListener("keydown", hear);
    const escape = (): boolean =>
      $(".seek input")!.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    await act(() => void escape());
    expect(data.query.value).toBe("");
    expect(seen).toEqual([]);
    await act(() => void escape());
    expect(seen).toEqual(["Escape"]);
    document.removeEventListener("keydown", hear);
  });

  it("W13 says that a search failed, and tries again", async () => {
    centre.down = ["/search"];
    await draw({ name: "help" });
    data.search("w", "words", 0);
    await act(answered);
    expect($(".state h2")!.textContent).toBe("Help did not load");
    centre.down = [];
    await click(".state button");
    expect(all(".row .t")).toHaveLength(2); // the hit, and the way to ask
  });

  it.each([
    ["Crème brûlée", "creme", ["Crème"]],
    ["SPÜLMASCHINE, Maschine", "spulma", ["SPÜLMA"]],
    ["the dishwasher", "washer", []],
    ["a+b (c) $&", "a+b $&", []],
    ["غسالة الصحون", "غسال", ["غسال"]],
    ["𝒂 dish 🍽 dish", "dish", ["dish", "dish"]],
  ])("W13 marks in %j for %j: %j", (text, words, hits) => {
    const pieces = marked(text, words);
    expect(pieces.filter(({ hit }) => hit).map(({ text }) => text)).toEqual(hits);
    expect(pieces.map(({ text }) => text).join("")).toBe(text);
  });
});

describe("an article", () => {
  const read = (slug = "dishwasher"): Promise<void> => draw({ name: "article", slug, from: { name: "home" } });
  const text = (): string => $(".text")!.innerHTML;

  it("J7 shows title, age and length, and asks whether it helped, once", async () => {
    await read();
    expect($("article h1")!.textContent).toBe("Can I put it in the dishwasher?");
    expect($("article > .s")!.textContent).toBe("Updated November 2, 2 min read");
    await click(all(".verdict button")[1]!);
    expect(centre.asked.at(-1)).toMatchObject({ method: "POST", path: "/articles/dishwasher/helpful", body: { helpful: false, locale: "en" } });
    expect($(".verdict")!.textContent).toBe("Sorry about that. Ask us, and we look into it.");
    expect(document.activeElement).toBe($(".verdict p"));
  });

  it("B4 keeps the words of what it does not know, and nothing that could run", async () => {
    centre.html =
      "<p onclick='x()' style='position:fixed' class='pw' id='app'>Hello <b>there</b><script>alert(1)</script></p>" +
      "<img src=x onerror=alert(1)><img src='javascript:alert(1)' alt='A cup'><svg onload=alert(1)><a>x</a></svg>" +
      "<iframe srcdoc='x'></iframe><form action='https://evil.example'><input name=a>Pay</form>" +
      "<a href='javascript:alert(1)'>Click</a><blink>Old words</blink><style>*{display:none}</style>";
    await read();
    expect(text()).toBe(
      '<p>Hello <strong>there</strong></p>A cupClickOld words<div class="p-card card flat"></div>'.replace(
        '<div class="p-card card flat"></div>',
        $(".text > .p-card")!.outerHTML,
      ),
    );
  });

  it("B4 a thousand levels and thousands of tags do not stop it", async () => {
    centre.html = "<ul><li>".repeat(1000) + "deep";
    await read();
    expect($(".text")!.textContent).toContain("deep");
    expect(document.querySelectorAll(".text ul").length).toBeLessThan(20);
    const nobody = { product: () => null, own: () => null, open: () => {}, newTab: "" };
    expect(article("<br>".repeat(6000), nobody).filter(Boolean)).toHaveLength(4000);
  });

  it("J7 draws steps, callouts, tables and pictures as the widget draws them", async () => {
    centre.html =
      "<h1>One</h1><h5>Small</h5><ol start=3><li>Third</li></ol><blockquote><p>Mind the rim.</p></blockquote>" +
      "<table><tr><td>1</td></tr></table><img src='https://cdn.example/a.jpg' alt='A cup' onload='x()'>";
    await read();
    expect(text()).toMatch(/^<h2>One<\/h2><h4>Small<\/h4><ol start="3" style="counter-reset: n 2;?">/);
    expect(text()).toContain('<div class="callout"><p>Mind the rim.</p></div>');
    expect(text()).toContain('<div class="wide" tabindex="0"><table>');
    expect(text()).toContain('<img src="https://cdn.example/a.jpg" alt="A cup" loading="lazy" referrerpolicy="no-referrer">');
  });

  it("P1 shows products where the text has a place for them, and the others at the end", async () => {
    centre.html = '<div data-product="prd_1"></div><p>After</p><div data-product="prd_unknown">gone</div>';
    await read();
    expect($(".text")!.firstElementChild!.className).toContain("p-card");
    expect($(".p-card")!.textContent).toContain("€74.00");
    expect($(".text")!.textContent).not.toContain("gone");
    expect(all(".p-card")).toHaveLength(1);
  });

  it("J7 opens our own articles inside, and everything else in a new tab", async () => {
    centre.html = `<a href="${HOME}/arrival?lang=en">In</a><a href="${HOME}-arrival">Out</a>`;
    await read();
    const [inside, outside] = all(".text a");
    expect(outside!.getAttribute("target")).toBe("_blank");
    expect(outside!.getAttribute("rel")).toBe("noopener noreferrer");
    await click(inside!);
    expect($("article h1")!.textContent).toBe("When will it arrive?");
  });

  it("J7 has a kind word for a slug that leads nowhere, and a way on", async () => {
    await read("../../v1/chat/session");
    expect(centre.asked.at(-1)!.path).toBe("/articles/..%2F..%2Fv1%2Fchat%2Fsession");
    expect($(".state h2")!.textContent).toBe("We could not find this article");
    await click(".state button");
    expect(state.screen.value).toEqual({ name: "help", seek: true });
    state.help.value = { ...CENTRE, total: 0, collections: [] };
    await read("nowhere");
    await click(".state button");
    expect(chat.showNew).toHaveBeenCalledWith();
  });

  it("J7 says that it did not load, and tries again", async () => {
    centre.down = ["/articles/dishwasher"];
    await read();
    expect($(".state h2")!.textContent).toBe("This article did not load");
    centre.down = [];
    await click(".state button");
    expect($("article h1")).not.toBeNull();
  });

  it("W23 says in which language it is when there is none in the visitor's", async () => {
    centre.locale = "de";
    await read();
    expect($("article > .s")!.textContent).toContain("This article is in German.");
    expect($(".text")!.lang).toBe("de");
  });

  it("J7 a message about it says so before its own words", async () => {
    vi.mocked(chat.showNew).mockRestore();
    const send = vi.spyOn(chat, "send").mockImplementation(() => {});
    await read();
    await click(".foot button");
    expect($(".attached")!.textContent).toBe("Can I put it in the dishwasher?Article");
    await act(() => {
      const box = $<HTMLTextAreaElement>("textarea")!;
      box.value = "And the gold rim?";
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await act(() => void $("textarea")!.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })));
    expect(send.mock.calls[0]![1]).toBe("About “Can I put it in the dishwasher?”\nAnd the gold rim?");
    expect(state.about.value).toBeNull();
    await click('[aria-label="Back"]');
    expect($("article h1")).not.toBeNull();
  });

  it("J7 showArticle goes there from anywhere, and back to where one was", async () => {
    await draw({ name: "messages" });
    await act(() => chat.showArticle("dishwasher"));
    await act(answered);
    expect($("article h1")).not.toBeNull();
    await act(() => chat.showArticle("arrival"));
    await act(answered);
    await click('[aria-label="Back"]');
    expect(state.screen.value).toEqual({ name: "messages" });
  });
});
