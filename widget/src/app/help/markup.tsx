/**
 * An article's markup as our own elements: parsed where nothing runs, and copied tag by tag.
 *
 * The hub has cleaned it already; here nothing is believed. What is not on the list loses its tag and keeps
 * its words, and what is no text at all (scripts, styles, forms) is left out with everything in it.
 */

import { h, type ComponentChild } from "preact";
import { safeUrl } from "../safe";

/** From the article's tags to ours: the title above is the only heading of the first rank. */
const TAGS: { [tag: string]: string } = {
  h1: "h2", h2: "h2", h3: "h3", h4: "h4", h5: "h4", h6: "h4",
  p: "p", br: "br", hr: "hr", ul: "ul", ol: "ol", li: "li", pre: "pre", code: "code",
  strong: "strong", b: "strong", em: "em", i: "em", s: "s", del: "s", sub: "sub", sup: "sup", kbd: "kbd",
  table: "table", thead: "thead", tbody: "tbody", tr: "tr", th: "th", td: "td",
};
const LOST = /^(script|style|template|iframe|object|embed|noscript|form|input|button|select|textarea|svg|math|title|head|link|meta|base|audio|video|canvas)$/;
const DEEPEST = 24;
const MOST = 4000; // elements

export interface Reading {
  /** Draw what stands where a product is shown. */
  product(id: string): ComponentChild;
  /** The slug, when an address is one of our own articles. */
  own(address: string): string | null;
  open(slug: string): void;
  newTab: string;
}

export function article(html: string, reading: Reading): ComponentChild[] {
  const inert = new DOMParser().parseFromString(html, "text/html");
  let left = MOST;

  const inside = (node: Node, depth: number): ComponentChild[] =>
    depth > DEEPEST ? [node.textContent] : [...node.childNodes].map((child) => copy(child, depth + 1));

  const copy = (node: Node, depth: number): ComponentChild => {
    if (node.nodeType === 3) return node.nodeValue; // text
    if (node.nodeType !== 1 || left-- <= 0) return null;
    const element = node as Element;
    const tag = element.localName;
    if (LOST.test(tag)) return null;
    const product = element.getAttribute("data-product");
    if (product) return reading.product(product);
    if (tag === "blockquote" || element.classList.contains("callout")) return h("div", { class: "callout" }, inside(node, depth));
    if (tag === "img") return picture(element);
    if (tag === "a") return link(element, inside(node, depth));
    if (tag === "li") return h("li", null, h("div", null, inside(node, depth)));
    if (tag === "table") return h("div", { class: "wide", tabIndex: 0 }, h("table", null, inside(node, depth)));
    const ours = TAGS[tag];
    if (!ours) return inside(node, depth);
    if (ours === "br" || ours === "hr") return h(ours, null);
    return h(ours, ours === "ol" ? numbered(element) : null, inside(node, depth));
  };

  const link = (element: Element, text: ComponentChild[]): ComponentChild => {
    const href = safeUrl(element.getAttribute("href"));
    if (!href) return text;
    const slug = reading.own(href);
    if (slug) return h("a", { href, "data-key": `article:${slug}`, onClick: inOurselves(() => reading.open(slug)) }, text);
    return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, text, h("span", { class: "sr" }, ` (${reading.newTab})`));
  };

  return inside(inert.body, 0);
}

function inOurselves(act: () => void): (event: MouseEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // the public page in a tab of its own
    event.preventDefault();
    act();
  };
}

function picture(element: Element): ComponentChild {
  const src = safeUrl(element.getAttribute("src"));
  const alt = element.getAttribute("alt") ?? "";
  return src ? h("img", { src, alt, loading: "lazy", referrerpolicy: "no-referrer" }) : alt;
}

/** A list may begin anywhere: the numbers are drawn by the style sheet. */
function numbered(element: Element): { start: number; style: { counterReset: string } } | null {
  const start = Number(element.getAttribute("start") ?? 1);
  return Number.isSafeInteger(start) && start !== 1 ? { start, style: { counterReset: `n ${start - 1}` } } : null;
}
