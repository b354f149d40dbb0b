/** Fills the previewed page: the widget's band and sheet around an article, with its products in place. */

import type { Appearance, ProductCard } from "../../../chat/protocol";
import { webAddress } from "./address";
import type { Preview } from "./articles";
import { amount } from "./money";

interface Shown {
  title: string;
  collection: string;
  made: Preview;
  look: Appearance | null;
  facts: string;
}

const WORDS_A_MINUTE = 200;

export function minutes(body: string): string {
  const many = body.trim() ? body.trim().split(/\s+/).length : 0;
  return `${Math.max(1, Math.round(many / WORDS_A_MINUTE))} min read`;
}

/** Draws the frame anew the first time, and only what changed from then on. */
export function draw(page: Document, { title, collection, made, look, facts }: Shown): void {
  const { body } = page;
  if (!body.querySelector(".pw")) body.append(panel(page));
  if (look) paint(page.body, look);
  const find = (what: string): HTMLElement => body.querySelector<HTMLElement>(what)!;
  find(".band .title").textContent = collection;
  find("article > h2").textContent = title || " ";
  find("article > .s").textContent = facts;
  const text = find("article > .words");
  if (text.dataset.of === made.html) return;
  text.dataset.of = made.html;
  text.innerHTML = made.html; // sanitised by the hub; this frame runs no script at all
  place(page, text, made.products);
}

function panel(page: Document): HTMLElement {
  const made = (tag: string, look: string, ...inside: (Node | string)[]): HTMLElement => {
    const node = page.createElement(tag);
    node.className = look;
    node.append(...inside);
    return node;
  };
  const row = made("div", "band-row", made("h2", "title", ""));
  const article = made("article", "article", made("h2", ""), made("p", "s"), made("div", "words"));
  const rest = made("div", "scroll", article);
  return made("section", "pw", made("header", "band", row), made("div", "sheet", rest));
}

function paint(body: HTMLElement, look: Appearance): void {
  body.dataset.brand = "";
  body.style.setProperty("--brand", look.primary_color);
  body.style.setProperty("--brand-fill", look.fill);
  body.style.setProperty("--on-brand", look.on_primary);
}

/** Cards where the text has their places; a product that is gone leaves no hole. */
function place(page: Document, text: HTMLElement, products: readonly ProductCard[]): void {
  for (const hole of text.querySelectorAll<HTMLElement>("[data-product]")) {
    const card = products.find(({ id }) => id === hole.dataset.product);
    if (card) hole.replaceWith(productCard(page, card));
    else hole.remove();
  }
}

function productCard(page: Document, card: ProductCard): HTMLElement {
  const box = page.createElement("div");
  box.className = "p-card card wide";
  const picture = webAddress(card.image_url);
  if (picture) {
    const image = page.createElement("img");
    image.src = picture;
    image.alt = "";
    image.className = "prod";
    box.append(image);
  }
  const words = page.createElement("span");
  words.className = "b";
  const title = page.createElement("span");
  title.className = "t";
  title.textContent = card.title;
  const price = page.createElement("span");
  price.className = "pr";
  price.textContent = card.price ? amount(card.price) : "";
  words.append(title, price);
  box.append(words);
  return box;
}
