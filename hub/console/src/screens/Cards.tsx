/** What a message carries beside its words: products, codes with what has become of them, and facts. */

import type { DiscountCard, Message } from "../../../../chat/protocol";
import { STATES, worth } from "../discounts";
import { CopyButton } from "../kit/Code";
import { now } from "../kit/now";
import { Status } from "../kit/Status";
import { useDesk } from "../work";
import { FactCard } from "./FactCards";
import { ProductCards } from "./ProductCards";

export function Cards({ cards }: { cards: Message["cards"] }) {
  return (
    <>
      <ProductCards cards={cards.filter((card) => card.type === "product")} />
      {cards.map((card, at) =>
        card.type === "discount" ? <IssuedCode key={card.id} card={card} /> : <FactCard key={at} card={card} />,
      )}
    </>
  );
}

/** A code's message has words for lists and e-mails; where the card is shown, they say nothing new. */
export const isCardText = ({ text, cards }: Pick<Message, "text" | "cards">): boolean =>
  cards.some((card) => card.type === "discount" && text.trim() === `${card.title}: ${card.code}`);

function IssuedCode({ card }: { card: DiscountCard }) {
  const heard = useDesk().codes.known.value.get(card.id)?.state ?? card.state;
  const over = card.expires_at !== null && Date.parse(card.expires_at) < now.value.getTime();
  const state = heard === "issued" && over ? "expired" : heard;
  return (
    <div class={state === "issued" ? "dmini" : "dmini spent"}>
      <b>
        <bdi>{worth(card)}</bdi> off
      </b>
      <bdi class="mono">{card.code}</bdi>
      {state === "issued" && <CopyButton class="btn ghost sm icon" label={`Copy ${card.code}`} text={card.code} />}
      <Status look={STATES[state]} />
    </div>
  );
}
