/** The conversation's log: the newest line stays in view, older ones come when one scrolls up. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Message } from "../../../../chat/protocol";
import { awaited } from "../answering";
import { clock, day } from "../format";
import { toLines, type Delivery, type Line } from "../lines";
import { minute, outgoing, row, status, thread, words, type Thread } from "../state";
import { useChat } from "../use";
import { fill } from "../words";
import { Avatar } from "./avatar";
import { Bubble } from "./bubble";
import { Icon, type IconName } from "./icon";

const NEAR = 200; // pixels from the top

export function Log({ id }: { id: string }): JSX.Element {
  const { chat } = useChat();
  const { items, typing, more, draft } = thread(id);
  const seen = row(id)?.agent_read_seq ?? 0;
  const isOnline = status.value === "online";
  const unsent = outgoing.value;
  const lines = useMemo(
    () => toLines(withDraft(items, draft), unsent.filter(({ frame }) => frame.conversation === id), seen, isOnline),
    [items, unsent, seen, isOnline, id, draft],
  );
  const last = items.at(-1);
  const isOurs = unsent.some(({ frame }) => frame.conversation === id);
  const log = useRef<HTMLDivElement>(null);
  const newest = unsent.at(-1)?.frame.id;
  useEffect(() => {
    if (newest && log.current) log.current.scrollTop = 0; // our own words are always in view
  }, [newest]);

  const near = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = log.current!;
    if (more && scrollHeight + scrollTop - clientHeight < NEAR) chat.older(id);
  };
  return (
    <div class="log" role="log" aria-label={words().conversation} tabIndex={0} ref={log} onScroll={near}>
      <div class="log-in">
        {lines.map((line) => (
          <LogLine key={line.key} line={line} />
        ))}
        {last && !isOurs && !draft && <Choices id={id} last={last} />}
        <Awaited id={id} />
        {typing && (
          <div class="line them last talking">
            <Avatar face={typing} size={32} bot={!!typing.bot} />
            <div class={typing.bot ? "bubble typing assistant" : "bubble typing"} role="img" aria-label={fill(words().isTyping, { name: typing.name })}>
              <i /><i /><i />
            </div>
          </div>
        )}
      </div>
    </div>
  );
}

/** What is being written, as the message it will be; hidden from readers aloud, who get the whole. */
function withDraft(items: readonly Message[], draft: Thread["draft"]): readonly Message[] {
  if (!draft) return items;
  const author = items.findLast((one) => one.author.kind === "assistant")?.author;
  const nobody = { kind: "assistant" as const, id: "", name: "", avatar_url: "" };
  const at = new Date(minute.peek()).toISOString();
  return [...items, { id: `draft ${draft.id}`, seq: 0, author: author ?? nobody, kind: "text", text: draft.text, at, cards: [] }];
}

/** One tap answers; gone as soon as anything else is said. */
function Choices({ id, last }: { id: string; last: Message }): JSX.Element | null {
  const { chat } = useChat();
  const choices = last.cards.flatMap((card) => (card.type === "choices" ? card.choices : []));
  if (!choices.length || last.author.kind === "visitor") return null;
  return (
    <div class="replies" role="group" aria-label={words().suggestions}>
      {choices.map((text) => (
        <button key={text} type="button" dir="auto" onClick={() => chat.send(id, text)}>{text}</button>
      ))}
    </div>
  );
}

function Awaited({ id }: { id: string }): JSX.Element {
  const who = awaited(id);
  return (
    <div class="event" role="status" hidden={!who}>
      {who === "somebody" ? (
        <>
          <span class="spin" />
          {words().finding}
        </>
      ) : who && (
        <>
          <Icon name="headset" size={16} />
          {fill(words().joined, { name: who.name })}
        </>
      )}
    </div>
  );
}

function LogLine({ line }: { line: Line }): JSX.Element {
  const said = words();
  switch (line.type) {
    case "day":
      return <div class="day">{day(line.at)}</div>;
    case "by":
      return (
        <div class="by">
          <b dir="auto">{line.author.kind === "assistant" ? said.assistant : line.author.name}</b>
          {line.author.kind === "assistant" && <span class="ai">{said.ai}</span>}
          <span>{clock(line.at)}</span>
        </div>
      );
    case "event":
      return (
        <div class="event">
          <Icon name="headset" size={16} />
          {line.text}
        </div>
      );
    case "meta":
      return <Meta id={line.id} delivery={line.delivery} at={line.at} />;
    case "bubble":
      return <Bubble line={line} />;
  }
}

const MARKS: { [delivery in Delivery]: IconName } = {
  sending: "clock",
  waiting: "clock",
  failed: "alert",
  sent: "check",
  seen: "checks",
};

function Meta({ id, delivery, at }: { id: string; delivery: Delivery; at: string }): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const text = {
    sending: said.sending,
    waiting: said.waiting,
    failed: said.notSent,
    sent: `${said.sent} ${clock(at)}`,
    seen: `${said.seen} ${clock(at)}`,
  }[delivery];
  return (
    <div class={delivery === "failed" ? "meta fail" : "meta"}>
      <Icon name={MARKS[delivery]} size={14} />
      {text}
      {delivery === "failed" && (
        <button type="button" onClick={() => chat.retry(id)}>
          {said.retry}
        </button>
      )}
    </div>
  );
}
