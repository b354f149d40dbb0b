/** Products as facts in a conversation: picture, title, price, and the way to the shop. */

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

export function ProductPicture({ card }: { card: ProductCard }) {
  const picture = webAddress(card.image_url);
  return (
    <span class="ppic" aria-hidden="true">
      {picture ? <img src={picture} alt="" loading="lazy" referrerpolicy="no-referrer" /> : <Icon name="bag" size={20} />}
    </span>
  );
}
