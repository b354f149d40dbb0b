/** Bubble and panel, drawn in a shadow root so that page and widget cannot restyle each other. */

import type { Appearance } from "../../../chat/protocol";
import type { Says } from "../bridge";
import styles from "./styles.css?inline";
import type { Tag } from "./tag";

const SIZES = { small: 48, medium: 56, large: 68 };

const MARK =
  "M16 2.5c7.6 0 13.5 5.6 13.5 12.8S23.6 28.1 16 28.1c-1.5 0-3-.2-4.3-.6L5.3 30c-.8.3-1.5-.4-1.3-1.2l1.1-4.6C3.4 21.9 2.5 18.7 2.5 15.3 2.5 8.1 8.4 2.5 16 2.5z" +
  "M9.6 11.2a2.7 2.7 0 0 1 2.7-2.7h6.2c3.3 0 5.6 2.2 5.6 5.2s-2.3 5.2-5.6 5.2h-4.1l-3.3 3.2c-.6.5-1.5.1-1.5-.7z";
const DOWN = "M8.6 12.5 16 19.9l7.4-7.4"; // only its line is drawn

export interface View {
  host: HTMLElement;
  root: ShadowRoot;
  box: HTMLElement;
  panel: HTMLElement;
  launcher: HTMLElement | null; // none where the page has its own button
  /** Draw what changed. */
  show(open: boolean, online: boolean, says: Omit<Says, "flash">): void;
}

type Attributes = { [name: string]: string };

export function draw(look: Appearance, tag: Tag, toggle: () => void): View {
  const host = make("parley-widget");
  const root = host.attachShadow({ mode: "open" });
  style(root, tag.nonce);

  const size = SIZES[look.launcher_size];
  const y = tag.y ?? look.offset_y;
  const dark = tag.theme === "dark" || (tag.theme !== "light" && matchMedia("(prefers-color-scheme:dark)").matches);
  const box = make("div", { class: tag.side ?? look.position });
  const panel = make("div", { class: "panel", role: "dialog" });
  const count = make("span", { class: "count" });
  const presence = make("span", { class: "presence" });
  const launcher = look.own_button ? null : make("button", { class: "launcher" });
  box.style.cssText =
    `--x:${tag.x ?? look.offset_x}px;--y:${y}px;--d:${size}px;--up:${launcher ? y + size + 16 : y}px;` +
    `--fill:${look.fill};--on:${look.on_primary};--page:${dark ? "#111016" : "#f5f4f8"}`;

  if (launcher) {
    const picture = svg("svg", { viewBox: "0 0 32 32" });
    picture.append(svg("path", { class: "mark", d: MARK }), svg("path", { class: "down", d: DOWN }));
    launcher.append(picture, count, presence);
    launcher.onclick = toggle;
    box.append(launcher);
  }
  box.append(panel);
  root.append(box);
  // Beside the body, not in it: no rule for its children applies, and pages that swap it keep the chat.
  document.documentElement.append(host);

  return {
    host, root, box, panel, launcher,
    show(open, online, says) {
      box.classList.toggle("open", open);
      count.textContent = says.count;
      presence.hidden = !online || !look.show_online_badge;
      dress(panel, { "aria-label": says.dialog });
      if (launcher) dress(launcher, { "aria-label": open ? says.close : says.open, "aria-expanded": `${open}` });
    },
  };
}

/** A constructed sheet needs no word in the page's CSP; where there is none, the tag's nonce is lent on. */
function style(root: ShadowRoot, nonce: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    root.adoptedStyleSheets = [sheet];
  } catch {
    const element = make("style", { nonce });
    element.textContent = styles;
    root.append(element);
  }
}

/** Elements are made one by one, because a page may forbid markup from strings (Trusted Types). */
function make(name: string, attributes: Attributes = {}): HTMLElement {
  return dress(document.createElement(name), attributes);
}

function svg(name: string, attributes: Attributes): Element {
  return dress(document.createElementNS("http://www.w3.org/2000/svg", name), attributes);
}

function dress<E extends Element>(element: E, attributes: Attributes): E {
  for (const name in attributes) element.setAttribute(name, attributes[name]!);
  return element;
}
