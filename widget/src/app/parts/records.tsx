/** "Your activity": the customer's own orders and payments, in a verified session only. */

import type { JSX } from "preact";
import type { Record as Activity, RecordKind, Tone } from "../../../../chat/protocol";
import { day, money, statusWord, title } from "../format";
import { activity, words } from "../state";
import { useChat } from "../use";
import { Icon, type IconName } from "./icon";
import { Bones } from "./states";

const KINDS: { [kind in RecordKind]: IconName } = {
  order: "box",
  deposit: "deposit",
  withdrawal: "withdraw",
  payment: "card",
  custom: "doc",
};

export const TONES: { [tone in Tone]: IconName } = {
  positive: "check",
  warning: "clock",
  negative: "alert",
  info: "truck",
  neutral: "doc",
};

const SHOWN = 3;

export type Shown = Pick<Activity, "kind" | "reference" | "title" | "amount" | "status" | "tone" | "occurred_at">;

export function ActivityCard(): JSX.Element {
  const { chat } = useChat();
  const { state, items } = activity.value;
  const said = words();
  return (
    <section class="card clip" aria-label={said.activity}>
      <h2 class="card-h">
        {said.activity}
        {items.length > SHOWN && (
          <button class="linkish more" type="button" onClick={() => chat.show({ name: "activity" })}>
            {said.seeAll}
            <Icon name="right" size={16} flip />
          </button>
        )}
      </h2>
      {items.length ? (
        <Records items={items.slice(0, SHOWN)} />
      ) : state === "failed" ? (
        <Failed />
      ) : state === "ready" ? (
        <p class="hint">{said.activityEmpty}</p>
      ) : (
        <Bones rows={3} />
      )}
    </section>
  );
}

export function Records({ items }: { items: readonly Activity[] }): JSX.Element {
  return (
    <ul class="divided">
      {items.map((record) => (
        <li key={record.id}>
          <RecordRow record={record} />
        </li>
      ))}
    </ul>
  );
}

/** Also of a card in a conversation, which knows the same of a record. */
export function RecordRow({ record }: { record: Shown }): JSX.Element {
  const heading = title(record);
  const isNamed = heading.includes(record.reference);
  return (
    <div class="row still record">
      <span class="glyph">
        <Icon name={KINDS[record.kind]} size={18} />
      </span>
      <span class="main">
        <span class="t" dir="auto">{heading}</span>
        <span class="s">
          {!isNamed && <><bdi>{record.reference}</bdi>{words().comma}</>}
          {day(record.occurred_at)}
        </span>
      </span>
      <span class="end">
        {record.amount && <bdi class="num amount">{money(record.amount)}</bdi>}
        {record.status && (
          <span class={`pill bare ${record.tone}`}>
            <Icon name={TONES[record.tone]} size={12} />
            {statusWord(record.status)}
          </span>
        )}
      </span>
    </div>
  );
}

function Failed(): JSX.Element {
  const { chat } = useChat();
  const said = words();
  return (
    <div class="failed">
      <span class="glyph">
        <Icon name="alert" size={18} />
      </span>
      <div>
        <b>{said.activityFailed}</b>
        <p>{said.activityFailedHow}</p>
        <button class="w-btn outline sm" type="button" onClick={() => chat.refresh()}>
          <Icon name="sync" size={16} />
          {said.retry}
        </button>
      </div>
    </div>
  );
}
