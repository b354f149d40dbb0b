/** One message: its words as text, never as markup, what they rest on, and the cards it shows. */

import type { JSX } from "preact";
import type { ArticleCard } from "../../../../chat/protocol";
import type { Bubble as BubbleLine } from "../lines";
import { linked } from "../safe";
import { words } from "../state";
import { useChat } from "../use";
import { Avatar } from "./avatar";
import { Icon } from "./icon";
import { later } from "./later";
import { Bone } from "./states";

export function Bubble({ line }: { line: BubbleLine }): JSX.Element {
  const { message, mine, first, last, delivery } = line;
  const { author, text, cards } = message;
  const bot = author.kind === "assistant";
  const codes = cards.filter((card) => card.type === "discount");
  const sources = cards.filter((card) => card.type === "article");
  const facts = cards.filter(isFact);
  const isDraft = message.id.startsWith("draft ");
  const shown = codes.some((card) => text === `${card.title}: ${card.code}`) ? "" : text; // the card says it
  const look = [
    "bubble",
    bot && "assistant",
    isDraft && "draft",
    delivery === "waiting" && "wait",
    delivery === "failed" && "fail",
  ].filter(Boolean).join(" ");
  return (
    <>
      {(shown || sources.length > 0) && (
        <div class={`line ${mine ? "me" : "them"}${last ? " last" : ""}${mine && first ? " gap" : ""}`} aria-hidden={isDraft}>
          {!mine && (last ? <Avatar face={author} size={32} bot={bot} /> : <span class="slot" />)}
          <div class={look} dir="auto">
            {linked(shown).map((piece) =>
              typeof piece === "string" ? piece : (
                <a href={piece.href} target="_blank" rel="noopener noreferrer">{piece.text}</a>
              ),
            )}
            {sources.map((card) => (
              <Source key={card.slug} card={card} />
            ))}
          </div>
        </div>
      )}
      {facts.length > 0 && <Facts cards={facts} message={message.id} />}
    </>
  );
}

type Card = BubbleLine["message"]["cards"][number];

/** What is no part of the words: these cards are fetched when the first one is there. */
export type Fact = Exclude<Card, { type: "article" | "choices" }>;

const isFact = (card: Card): card is Fact => card.type !== "article" && card.type !== "choices";

const Facts = later(
  async () => (await import("../cards/facts")).Facts,
  () => (
    <div class="card inset coming" aria-busy="true">
      <Bone width="55%" height={14} />
      <Bone width="80%" height={12} />
    </div>
  ),
  (retry) => (
    <button class="w-btn outline inset" type="button" onClick={retry}>
      <Icon name="sync" size={16} />
      {words().retry}
    </button>
  ),
);

/** What an answer rests on, to be read in full right here. */
function Source({ card }: { card: ArticleCard }): JSX.Element {
  const { chat } = useChat();
  return (
    <button class="cite" type="button" data-key={`article:${card.slug}`} onClick={() => chat.showArticle(card.slug)}>
      <Icon name="book" size={16} />
      <span dir="auto">{card.title}</span>
    </button>
  );
}
