/** A product in a conversation, from what is stored of it, with a safe link and picture. */

import type { JSX } from "preact";
import type { ProductCard as Product } from "../../../../chat/protocol";
import { money } from "../format";
import { Icon } from "../parts/icon";
import { safeUrl } from "../safe";
import { words } from "../state";

export function ProductCard({ card }: { card: Product }): JSX.Element {
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
