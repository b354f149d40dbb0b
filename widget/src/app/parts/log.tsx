/** The conversation's log: the newest line stays in view, older ones come when one scrolls up. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { clock, day } from "../format";
import { toLines, type Delivery, type Line } from "../lines";
import { conversations, outgoing, status, thread, words } from "../state";
import { useChat } from "../use";
import { Avatar } from "./avatar";
import { Bubble } from "./bubble";
import { Icon, type IconName } from "./icon";

const NEAR = 200; // pixels from the top

export function Log({ id }: { id: string }): JSX.Element {
  const { chat } = useChat();
  const { items, typing, more } = thread(id);
  const seen = conversations.value.items.find((one) => one.id === id)?.agent_read_seq ?? 0;
  const isOnline = status.value === "online";
  const unsent = outgoing.value;
  const lines = useMemo(
    () => toLines(items, unsent.filter(({ frame }) => frame.conversation === id), seen, isOnline),
    [items, unsent, seen, isOnline, id],
  );
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
        {typing && (
          <div class="line them last talking">
            <Avatar face={typing} size={32} />
            <div class="bubble typing" role="img" aria-label={words().isTyping(typing.name)}>
              <i /><i /><i />
            </div>
          </div>
        )}
      </div>
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
          <b dir="auto">{line.author.name || said.assistant}</b>
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
