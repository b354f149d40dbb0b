/** A merchant's page for tests: a script tag, a hub that answers as told, and the app's side of the frame. */

import { vi } from "vitest";
import type { Appearance } from "../../chat/protocol";
import type { Says, ToApp, ToPage } from "../src/bridge";
import { install } from "../src/loader/chat";

// A frame's address is only noted: no test loads anything.
vi.spyOn(HTMLIFrameElement.prototype, "src", "set").mockImplementation(function (this: HTMLIFrameElement, address) {
  this.dataset.src = address;
});

export const HUB = "https://hub.example";
export const APP_ID = "icw_abcdefghijklmnopqrstuvwx";

export const LOOK: Appearance = {
  id: "8f1c2d3e-0000-4000-8000-000000000001",
  name: "Kestrel",
  welcome_heading: "Hi there!",
  welcome_tagline: "Ask us anything.",
  primary_color: "#7650FF",
  on_primary: "#ffffff",
  fill: "#7650ff",
  show_online_badge: true,
  logo_url: null,
  position: "right",
  offset_x: 20,
  offset_y: 20,
  launcher_size: "medium",
  own_button: false,
  assistant: false,
};

/** The words that the app gives the page. */
export const SAYS: Says = { open: "Open chat", close: "Close chat", dialog: "Chat with Kestrel", count: "", flash: "" };

export interface Asked {
  url: string;
  method: string;
  body: unknown;
}

/** A hub that shows `look`, or none at all (`null`: every request fails). */
export function hub(look: Appearance | null | 404 = LOOK, online = true): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (url: string, options: RequestInit = {}) => {
    asked.push({ url, method: options.method ?? "GET", body: options.body });
    if (look === null) throw new TypeError("Failed to fetch");
    if (look === 404) return new Response("{}", { status: 404 });
    return new Response(JSON.stringify(url.endsWith("/seen") ? { online } : look));
  });
  return asked;
}

/** Put the tag on the page and run the loader, as a browser would. */
export async function load(attributes = `data-app-id="${APP_ID}"`): Promise<void> {
  // The tag never runs by itself here: its type is none that a browser knows.
  document.body.insertAdjacentHTML("beforeend", `<script type="x" src="${HUB}/widget.js" ${attributes}></script>`);
  install();
  await settled();
}

export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

const timer = setTimeout;

/** A moment of real time, whatever the test makes of the clock: files that are fetched later come in it. */
export const moment = (): Promise<void> => new Promise((resolve) => void timer(resolve, 0));

export function clean(): void {
  document.querySelectorAll("parley-widget").forEach((host) => host.remove());
  document.body.innerHTML = "";
  document.body.removeAttribute("style");
  localStorage.clear();
  delete window.SoftbetChat;
  delete window.PingBackWidgetId;
}

export const root = (): ShadowRoot => document.querySelector("parley-widget")!.shadowRoot!;
export const box = (): HTMLElement => root().querySelector("div")!;
export const launcher = (): HTMLButtonElement | null => root().querySelector("button");
export const frame = (): HTMLIFrameElement | null => root().querySelector("iframe");
export const isOpen = (): boolean => box().classList.contains("open");

/** The window inside the frame, which in a test is only a mailbox. */
export interface App {
  heard: ToApp[];
  say(message: ToPage | { type: string }, origin?: string, source?: unknown): void;
}

export function app(): App {
  const heard: ToApp[] = [];
  const inside = {
    postMessage(data: { parley: ToApp }, origin: string) {
      if (origin === HUB) heard.push(data.parley);
    },
  };
  Object.defineProperty(frame()!, "contentWindow", { value: inside, configurable: true });
  return {
    heard,
    say(message, origin = HUB, source = inside) {
      const event = new MessageEvent("message", { data: { parley: message }, origin });
      Object.defineProperty(event, "source", { value: source });
      window.dispatchEvent(event);
    },
  };
}
