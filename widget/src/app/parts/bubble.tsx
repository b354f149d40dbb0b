/** One message: its words as text, never as markup, and the products and codes it shows. */

import type { JSX } from "preact";
import type { ProductCard as Product } from "../../../../chat/protocol";
import { money } from "../format";
import type { Bubble as BubbleLine } from "../lines";
import { linked, safeUrl } from "../safe";
import { words } from "../state";
import { Avatar } from "./avatar";
import { DiscountCard } from "./discount";
import { Icon } from "./icon";

export function Bubble({ line }: { line: BubbleLine }): JSX.Element {
  const { message, mine, first, last, delivery } = line;
  const { author, text, cards } = message;
  const bot = author.kind === "assistant";
  const products = cards.filter((card) => card.type === "product");
  const codes = cards.filter((card) => card.type === "discount");
  const shown = codes.some((card) => text === `${card.title}: ${card.code}`) ? "" : text; // the card says it
  const look = [
    "bubble",
    bot && "assistant",
    delivery === "waiting" && "wait",
    delivery === "failed" && "fail",
  ].filter(Boolean).join(" ");
  return (
    <>
      {shown && (
        <div class={`line ${mine ? "me" : "them"}${last ? " last" : ""}${mine && first ? " gap" : ""}`}>
          {!mine && (last ? <Avatar face={author} size={32} bot={bot} /> : <span class="slot" />)}
          <div class={look} dir="auto">
            {linked(shown).map((piece) =>
              typeof piece === "string" ? piece : (
                <a href={piece.href} target="_blank" rel="noopener noreferrer">{piece.text}</a>
              ),
            )}
          </div>
        </div>
      )}
      {products.length > 0 && (
        <div class="carousel">
          {products.map((card) => (
            <ProductCard key={card.id} card={card} />
          ))}
        </div>
      )}
      {codes.map((card) => (
        <DiscountCard key={card.id} card={card} />
      ))}
    </>
  );
}

function ProductCard({ card }: { card: Product }): JSX.Element {
  const said = words();
  const url = safeUrl(card.url);
  const image = safeUrl(card.image_url);
  const inside = (
    <>
      {image ? (
        <img class="prod" src={image} alt="" loading="lazy" referrerpolicy="no-referrer" />
      ) : (
        <span class="prod none">
          <Icon name="box" size={28} />
        </span>
      )}
      <span class="b">
        <span class="t" dir="auto">{card.title}</span>
        {card.price && (
          <span class="pr">
            <bdi>{money(card.price)}</bdi>
          </span>
        )}
        <span class="st">{card.available ? said.inStock : said.soldOut}</span>
      </span>
      {url && (
        <span class="go">
          {said.viewProduct}
          <Icon name="link" size={16} />
          <span class="sr">{said.opensNewTab}</span>
        </span>
      )}
    </>
  );
  return url ? (
    <a class="p-card card" href={url} target="_blank" rel="noopener noreferrer">{inside}</a>
  ) : (
    <div class="p-card card">{inside}</div>
  );
}
