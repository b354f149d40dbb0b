/** The one global, `SoftbetChat(command, argument)`, and what its commands do. */

import type { Identity, Init, Look, Note, PageSeen, Says, ToApp, ToPage } from "../bridge";
import { buildFrame, type Frame } from "./frame";
import { flashTitle, fullScreen } from "./page";
import { readTag, type Tag } from "./tag";
import { draw, type View } from "./view";
import { openWords } from "./words";

type Call = ArrayLike<unknown>;
type Listener = (value?: unknown) => void;

interface Api {
  (...call: unknown[]): void;
  q?: Call[] | { push(call: Call): void };
  live?: true;
}

declare global {
  interface Window {
    SoftbetChat?: Api;
  }
}

export function install(): void {
  const stub = window.SoftbetChat;
  if (stub?.live) return; // the page carries the script twice
  const calls: Call[] = [];
  const listeners: { [event: string]: Listener[] } = {
    __proto__: null!,
    ready: [],
    open: [],
    close: [],
    unread: [],
    message: [],
  };
  const warned = new Set<string>();
  const tag = readTag();

  let view: View | undefined;
  let frame: Frame | undefined;
  let said: Identity[] = tag ? [tag.user] : [];
  let open = false;
  let unread = 0;
  let online = false;
  let says: Omit<Says, "flash">;
  let opener: HTMLElement | null = null;
  let cover: ((open: boolean) => void) | undefined;

  // Commands. What needs the panel waits until the hub has said what it looks like.

  const commands: { [name: string]: (argument: any) => void } = {
    __proto__: null!, // “constructor” is no command
    open: () => show(true),
    close: () => show(false),
    toggle: () => show(!open),
    showNewMessage(said) {
      const text: unknown = said?.text ?? said;
      ask({ type: "new", text: typeof text === "string" ? text : "" });
    },
    showArticle: (slug) => ask({ type: "article", slug: `${slug}` }),
    identify(who) {
      const identity = JSON.parse(JSON.stringify(who)) as Identity; // no proxies or functions cross a frame
      said.push(identity);
      frame?.tell({ type: "identify", identity });
    },
    logout() {
      said = [];
      if (frame || note()) build()?.tell({ type: "logout" });
    },
  };

  function run(call: Call): void {
    const command = String(call[0]);
    if (command === "on") return on(String(call[1]), call[2]);
    const act = commands[command];
    if (!act) return warn(`no command ${command}`);
    if (!view) return void calls.push(call);
    try {
      act(call[1]);
    } catch (problem) {
      warn(`${command}: ${problem}`);
    }
  }

  function on(event: string, listener: unknown): void {
    const waiting = listeners[event];
    if (!waiting || typeof listener !== "function") return warn(`no event ${event}, or no function`);
    waiting.push(listener as Listener);
    if (event === "ready" && view) (listener as Listener)();
  }

  /** Each on its own turn: a listener that throws is the page's trouble, not ours. */
  function emit(event: string, value?: unknown): void {
    listeners[event]!.forEach((listener) => queueMicrotask(() => listener(value)));
  }

  function warn(text: string): void {
    if (warned.has(text)) return;
    warned.add(text);
    console.warn(`SoftbetChat: ${text}`);
  }

  // The panel

  function ask(message: ToApp): void {
    show(true);
    frame?.tell(message);
  }

  function show(wanted: boolean): void {
    if (!view || wanted === open) return;
    const focused = document.activeElement === view.host ? view.root.activeElement : document.activeElement;
    const inside = focused === frame?.element;
    open = wanted;
    if (open) opener = focused as HTMLElement | null;
    build();
    refresh();
    frame?.tell({ type: open ? "open" : "close" });
    if (open) frame?.element.focus();
    else if (inside) (opener?.isConnected && opener !== document.body ? opener : view.launcher)?.focus();
    emit(open ? "open" : "close");
  }

  function refresh(): void {
    view?.show(open, online, says);
    cover?.(open);
  }

  function build(): Frame | undefined {
    if (!frame && view && tag) {
      frame = buildFrame(view.panel, tag, look!.name, first, hear, lost);
      setInterval(watch, 2000);
    }
    return frame;
  }

  function first(): Init {
    return { type: "init", appearance: look!, page: page(), locales: tag!.locales, theme: tag!.theme, said, note: note(), open };
  }

  function hear(message: ToPage): void {
    switch (message.type) {
      case "ready":
        view?.box.classList.add("ready");
        if (open) frame?.element.focus();
        break;
      case "close":
        return show(false);
      case "state": {
        const before = unread;
        unread = message.unread;
        online = message.online ?? online;
        says = message.says;
        refresh();
        note(message.note);
        if (unread > before) flashTitle(message.says.flash);
        if (unread !== before) emit("unread", unread);
        break;
      }
      case "message":
        emit("message", message.message);
        break;
      case "warn":
        warn(message.text);
    }
  }

  /** The app does not answer: take everything away and look for the hub from time to time. */
  function lost(): void {
    show(false);
    frame?.drop();
    frame = undefined;
    view?.host.remove();
    view = undefined;
    retry();
  }

  // The visitor's own note: written only after the app has said that there is something to keep.

  function note(value?: Note | null): Note {
    const key = `parley:${tag!.id}`;
    try {
      if (value) localStorage[key] = value;
      if (value === "") delete localStorage[key];
      return localStorage[key] ?? "";
    } catch {
      return ""; // without storage the frame is built at the next click instead of with the page
    }
  }

  // Where the visitor is

  function page(): PageSeen {
    return { url: location.origin + location.pathname, title: document.title };
  }

  let last = location.pathname;

  /** Single-page shops change the address without telling anyone. */
  function watch(): void {
    if (last === location.pathname) return;
    last = location.pathname;
    frame?.tell({ type: "page", page: page() });
  }

  // The hub

  let look: Look | undefined;
  let tries = 0;
  let seen = false;

  async function boot(at: Tag): Promise<void> {
    const address = `${at.hub}/api/v1/widget/${at.id}`;
    try {
      const answer = await fetch(address, { credentials: "omit" });
      if (answer.status === 404) return warn(`no widget ${at.id}`);
      look = (await answer.json()) as Look;
      if (!look.id) throw look; // an error
    } catch {
      return retry();
    }
    begin(look, at);
    if (seen) return;
    seen = true;
    const body = JSON.stringify({ url: page().url }); // as text/plain: no preflight
    fetch(`${address}/seen`, { method: "POST", body, credentials: "omit" })
      .then((answer) => answer.json())
      .then((now: { online?: boolean }) => {
        if (!frame) online = !!now.online;
        refresh();
      })
      .catch(() => {}); // then the dot stays off
  }

  function retry(): void {
    if (tries++ < 4) setTimeout(boot, 2000 * 3 ** tries, tag);
  }

  function begin(appearance: Look, at: Tag): void {
    const text = openWords(at.locales);
    says ??= { open: text, close: text, dialog: appearance.name, count: "" };
    view = draw(appearance, at, () => show(!open));
    cover = fullScreen(view.panel);
    document.addEventListener("keydown", escape);
    refresh();
    for (const call of calls.splice(0)) run(call);
    if (note()[0] === "2") build();
    emit("ready");
  }

  /** Esc in the frame is the app's; here it counts unless something on the page has the focus. */
  function escape(event: KeyboardEvent): void {
    const at = document.activeElement;
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (!at || at === document.body || at === view?.host) show(false);
  }

  const api: Api = (...call) => run(call);
  api.live = true;
  api.q = { push: run }; // whoever kept a reference to the stub still gets through
  window.SoftbetChat = api;
  for (const call of Array.isArray(stub?.q) ? stub.q : []) run(call);
  if (tag) void boot(tag);
  else warn("no data-app-id on the script tag");
}
