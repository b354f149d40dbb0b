/** An order as its customer sees it: how far it is, who brings it, what it costs. */

import type { JSX } from "preact";
import type { OrderCard as Order, Step } from "../../../../chat/protocol";
import { counted, day, money, statusWord, weekday } from "../format";
import { Icon } from "../parts/icon";
import { RecordRow, TONES } from "../parts/records";
import { safeUrl } from "../safe";
import { words } from "../state";
import { fill } from "../words";

export function OrderCard({ card }: { card: Order }): JSX.Element {
  const said = words();
  const track = safeUrl(card.tracking_url);
  const url = safeUrl(card.url);
  const facts = [fill(said.placed, { day: day(card.placed_at) }), card.items > 0 && counted(said.items, card.items)];
  return (
    <section class="o-card card inset" aria-label={fill(said.orderNumber, { number: card.number })}>
      <div class="h">
        <div>
          <b><bdi>{fill(said.orderNumber, { number: card.number })}</bdi></b>
          <span class="s">{facts.filter(Boolean).join(" · ")}</span>
        </div>
        {card.status && (
          <span class={`pill ${card.tone}`}>
            <Icon name={TONES[card.tone]} size={12} />
            {statusWord(card.status)}
          </span>
        )}
      </div>
      <StepTrack steps={card.steps} />
      <Parcel card={card} />
      {card.total && (
        <div class="kv">
          <span class="k">{said.total}</span>
          <bdi class="num strong">{money(card.total)}</bdi>
        </div>
      )}
      {(track ?? url) && (
        <div class="acts">
          <a class="w-btn quiet sm grow" href={(track ?? url)!} target="_blank" rel="noopener noreferrer">
            <Icon name={track ? "truck" : "box"} size={18} />
            {track ? said.track : said.viewOrder}
            <span class="sr">{said.opensNewTab}</span>
          </a>
        </div>
      )}
    </section>
  );
}

/** At most four stops fit: that it was placed stands above already. */
function StepTrack({ steps }: { steps: readonly Step[] }): JSX.Element | null {
  const shown = steps.length > 4 ? steps.filter(({ name }) => name !== "placed") : steps;
  const reached = shown.findLastIndex(({ done }) => done);
  if (shown.length < 2) return <div class="gapless" />;
  return (
    <ol class="steps">
      {shown.map(({ name }, at) => {
        const isNow = at === reached && at < shown.length - 1;
        return (
          <li key={name} class={isNow ? "now" : at <= reached ? "done" : ""} aria-current={isNow ? "step" : undefined}>
            {words().steps[name]}
          </li>
        );
      })}
    </ol>
  );
}

function Parcel({ card }: { card: Order }): JSX.Element | null {
  const said = words();
  if (!card.parcel && !card.tracking && !card.expected_at) return null;
  return (
    <div class="kv two">
      {(card.parcel || card.tracking) && (
        <span>
          <span class="k">{card.tracking ? card.parcel || said.parcel : said.parcel}</span>
          <bdi class="num">{card.tracking || card.parcel}</bdi>
        </span>
      )}
      {card.expected_at && (
        <span>
          <span class="k">{said.arrives}</span>
          <b>{weekday(card.expected_at)}</b>
        </span>
      )}
    </div>
  );
}

/** One of several: a line each, as in "Your activity". */
export function OrderRow({ card }: { card: Order }): JSX.Element {
  const record = {
    kind: "order" as const,
    reference: card.number,
    title: fill(words().orderNumber, { number: card.number }),
    amount: card.total,
    status: card.status,
    tone: card.tone,
    occurred_at: card.placed_at,
  };
  return <RecordRow record={record} />;
}
