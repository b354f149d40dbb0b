/** Cards of facts and forms in a conversation, apart from the first screen because not every chat has them. */

import type { JSX } from "preact";
import type { Fact } from "../parts/bubble";
import { adopt } from "../parts/later";
import { RecordRow } from "../parts/records";
import { currentThread } from "../state";
import styles from "./cards.css?inline";
import { DiscountCard } from "./discount";
import { Handover } from "./handover";
import { OrderCard, OrderRow } from "./order";
import { ProductCard } from "./product";
import { Verify } from "./verify";

adopt(styles);

export function Facts({ cards, message }: { cards: readonly Fact[]; message: string }): JSX.Element {
  const orders = cards.filter((card) => card.type === "order");
  const records = cards.filter((card) => card.type === "record");
  const products = cards.filter((card) => card.type === "product");
  return (
    <>
      {products.length > 0 && (
        <div class="carousel">
          {products.map((card) => (
            <ProductCard key={card.id} card={card} />
          ))}
        </div>
      )}
      {cards.map((card) => card.type === "discount" && <DiscountCard key={card.id} card={card} />)}
      {orders.length === 1 && <OrderCard card={orders[0]!} />}
      {(orders.length > 1 || records.length > 0) && (
        <ul class="card inset rows divided">
          {orders.length > 1 && orders.map((card) => (
            <li key={card.id}>
              <OrderRow card={card} />
            </li>
          ))}
          {records.map((card) => (
            <li key={card.id}>
              <RecordRow record={card} />
            </li>
          ))}
        </ul>
      )}
      {cards.map((card) => {
        if (!isLatest(card.type, message)) return null; // an earlier question is asked again below
        if (card.type === "verify") return <Verify key="verify" card={card} />;
        return card.type === "handover" ? <Handover key="handover" card={card} /> : null;
      })}
    </>
  );
}

function isLatest(type: Fact["type"], message: string): boolean {
  const latest = currentThread().items.findLast(({ cards }) => cards.some((card) => card.type === type));
  return latest?.id === message;
}
