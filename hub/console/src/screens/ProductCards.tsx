/** Products as facts in a conversation: picture, title, price, and the way to the shop. */

import { useState } from "preact/hooks";
import type { ProductCard } from "../../../../chat/protocol";
import { webAddress } from "../address";
import { Icon } from "../kit/Icon";
import { Money } from "../kit/Money";

export function ProductCards({ cards }: { cards: readonly ProductCard[] }) {
  if (cards.length === 0) return null;
  return (
    <ul class="pcards">
      {cards.map((card) => (
        <li key={card.id}>
          <Card card={card} />
        </li>
      ))}
    </ul>
  );
}

function Card({ card }: { card: ProductCard }) {
  const url = webAddress(card.url);
  return (
    <div class="pcard">
      <ProductPicture card={card} />
      <span class="grow">
        {url ? (
          <a class="clip" href={url} target="_blank" rel="noopener noreferrer" title={card.title}>
            {card.title}
          </a>
        ) : (
          <span class="clip" title={card.title}>
            {card.title}
          </span>
        )}
        <ProductFacts card={card} />
      </span>
    </div>
  );
}

export function ProductFacts({ card }: { card: ProductCard }) {
  return (
    <span class="pfacts">
      {card.price && <Money money={card.price} />}
      {!card.available && <span class="pill neutral noicon">Not available</span>}
    </span>
  );
}

export const ProductPicture = ({ card }: { card: ProductCard }) => <Picture url={card.image_url} />;

/** A thing's picture, or a bag where there is none, or none that can be shown. */
export function Picture({ url }: { url: string }) {
  const [broken, setBroken] = useState<string | null>(null);
  const picture = webAddress(url);
  return (
    <span class="ppic" aria-hidden="true">
      {picture && picture !== broken ? (
        <img src={picture} alt="" loading="lazy" referrerpolicy="no-referrer" onError={() => setBroken(picture)} />
      ) : (
        <Icon name="bag" size={18} />
      )}
    </span>
  );
}
