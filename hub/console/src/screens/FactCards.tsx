/** Facts the assistant answered with: orders, records, articles, and what it asked or offered. */

import type {
  ArticleCard,
  ChoicesCard,
  HandoverCard,
  Message,
  OrderCard,
  RecordCard,
  VerifyCard,
} from "../../../../chat/protocol";
import { webAddress } from "../address";
import { Icon } from "../kit/Icon";
import type { IconName } from "../kit/icons";
import { Money } from "../kit/Money";
import { now } from "../kit/now";
import { StatusPill } from "../kit/StatusPill";
import { day, full } from "../time";
import { kindGlyph } from "../tone";

type Card = Message["cards"][number];

/** A card of a kind this console has not heard of is left out: the words say what matters. */
export function FactCard({ card }: { card: Card }) {
  switch (card.type) {
    case "order":
      return <Order card={card} />;
    case "record":
      return <Fact card={card} />;
    case "article":
      return <Article card={card} />;
    case "verify":
      return <Verify card={card} />;
    case "handover":
      return <Handover card={card} />;
    case "choices":
      return <Choices card={card} />;
    default:
      return null;
  }
}

function Order({ card }: { card: OrderCard }) {
  const url = webAddress(card.url);
  return (
    <section class="fcard" aria-label={`Order ${card.number}`}>
      <div class="flex between">
        <span class="flex fc-n">
          <Icon name="box" size={16} />
          <b class="clip">
            <Linked url={url}>
              <bdi>{card.number}</bdi>
            </Linked>
          </b>
        </span>
        <StatusPill status={card.status} tone={card.tone} />
      </div>
      <div class="flex between muted fc-s">
        <span>
          {card.items > 0 && `${card.items} ${card.items === 1 ? "item" : "items"}, `}
          <time dateTime={card.placed_at} title={full(card.placed_at)}>
            {day(card.placed_at, now.value)}
          </time>
        </span>
        {card.total && <Money money={card.total} />}
      </div>
      <Track card={card} />
      <Parcel card={card} />
    </section>
  );
}

const STEP_WORDS = { placed: "Placed", paid: "Paid", packed: "Packed", shipped: "Shipped", delivered: "Delivered" } as const;

function Track({ card: { steps } }: { card: OrderCard }) {
  if (steps.length === 0) return null;
  return (
    <ol class="track">
      {steps.map((step) => (
        <li key={step.name} class={step.done ? "done" : ""} title={step.at ? full(step.at) : undefined}>
          <i aria-hidden="true" />
          <span>
            {STEP_WORDS[step.name]}
            <span class="sr">{step.done ? ", done" : ", not yet"}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}

function Parcel({ card }: { card: OrderCard }) {
  const url = webAddress(card.tracking_url);
  if (!card.parcel && !card.tracking && !card.expected_at) return null;
  return (
    <div class="flex between fc-s">
      <span class="muted">
        {card.parcel}
        {card.expected_at && `${card.parcel ? ", " : ""}expected ${day(card.expected_at, now.value)}`}
      </span>
      {card.tracking && (
        <Linked url={url}>
          <bdi class="num">{card.tracking}</bdi>
        </Linked>
      )}
    </div>
  );
}

function Fact({ card }: { card: RecordCard }) {
  return (
    <section class="fcard flex" aria-label={card.title}>
      <span class={`eg-i ${card.tone}`}>
        <Icon name={kindGlyph(card.kind)} size={16} />
      </span>
      <span class="grow">
        <span class="flex between">
          <b class="clip">
            <Linked url={webAddress(card.url)}>{card.title}</Linked>
          </b>
          {card.amount && <Money money={card.amount} />}
        </span>
        <span class="flex between fc-s">
          <span class="muted clip">
            <bdi>{card.reference}</bdi>, <time dateTime={card.occurred_at}>{day(card.occurred_at, now.value)}</time>
          </span>
          <StatusPill status={card.status} tone={card.tone} bare />
        </span>
      </span>
    </section>
  );
}

function Article({ card }: { card: ArticleCard }) {
  return (
    <div class="cites">
      <Icon name="doc" size={14} />
      <Linked url={webAddress(card.url)}>
        <bdi>{card.title}</bdi>
      </Linked>
    </div>
  );
}

function Verify({ card }: { card: VerifyCard }) {
  return (
    <Told icon="shieldq">
      <b>Asked to prove who they are.</b>{" "}
      {card.by_code ? "A code sent to their mailbox is enough." : "They need to sign in on your site."}
    </Told>
  );
}

function Handover({ card }: { card: HandoverCard }) {
  return (
    <Told icon="headset">
      <b>Told that a person takes over.</b>{" "}
      {card.online ? "Somebody was online." : "Nobody was online: they may leave an address."}
    </Told>
  );
}

function Choices({ card }: { card: ChoicesCard }) {
  return (
    <ul class="choices" aria-label="Offered as answers">
      {card.choices.map((choice) => (
        <li key={choice} dir="auto">
          {choice}
        </li>
      ))}
    </ul>
  );
}

function Told({ icon, children }: { icon: IconName; children: preact.ComponentChildren }) {
  return (
    <div class="fcard told">
      <Icon name={icon} size={16} />
      <span>{children}</span>
    </div>
  );
}

function Linked({ url, children }: { url: string | null; children: preact.ComponentChildren }) {
  if (!url) return <>{children}</>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
