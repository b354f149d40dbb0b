/** The messages of a conversation, newest at the bottom and in view. */

import { useEffect, useRef } from "preact/hooks";
import type { InboxRow, Message } from "../../../../chat/protocol";
import { Avatar } from "../kit/Avatar";
import { Icon } from "../kit/Icon";
import { now } from "../kit/now";
import { Empty, Failed, Skeleton } from "../kit/States";
import { parts } from "../links";
import { lines } from "../messages";
import type { Outgoing } from "../outbox";
import { nameOf } from "../person";
import type { Thread } from "../thread";
import { clock, full } from "../time";
import { useDesk } from "../work";
import { AssistantNow, Bot, Worked } from "./Assistant";
import { Cards, isCardText } from "./Cards";
import { HandoverNote, isHandover } from "./Handover";

interface Props {
  conversation: string;
  row: InboxRow | undefined;
}

export function MessageLog({ conversation, row }: Props) {
  const desk = useDesk();
  const thread = desk.threads.of(conversation);
  const waiting = desk.outbox.of(conversation);
  const empty = thread.messages.value.length === 0 && waiting.length === 0;
  if (thread.state.value === "failed") {
    const retry = (): void => void thread.load();
    return <Failed title="The messages did not load" problem={thread.problem.value} onRetry={retry} />;
  }
  return (
    <div class="scroll log" role="log" tabIndex={0} aria-label="Messages">
      {thread.state.value === "loading" && empty ? (
        <Skeleton rows={4} avatar />
      ) : empty ? (
        <Empty icon="chat" title="Nothing was said yet" />
      ) : (
        <div class="log-in">
          {thread.more.value && <Earlier thread={thread} />}
          {lines(thread.messages.value, now.value).map((line) =>
            line.type === "day" ? (
              <div class="sep" key={line.key}>
                <span>{line.words}</span>
              </div>
            ) : (
              <Said key={line.key} conversation={conversation} message={line.message} first={line.first} row={row} />
            ),
          )}
          <ReadMark thread={thread} row={row} waiting={waiting.length > 0} />
          {waiting.map((one) => (
            <Unsent key={one.id} message={one} />
          ))}
          <TypingNow conversation={conversation} row={row} />
          <AssistantNow conversation={conversation} />
        </div>
      )}
    </div>
  );
}

function Earlier({ thread }: { thread: Thread }) {
  const top = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && void thread.older());
    seen.observe(top.current!);
    return () => seen.disconnect();
  }, [thread]);
  return (
    <div ref={top} class="more">
      <button type="button" class="btn ghost sm" disabled={thread.adding.value} onClick={() => thread.older()}>
        {thread.adding.value ? "Loading…" : "Earlier messages"}
      </button>
    </div>
  );
}

interface SaidProps {
  conversation: string;
  message: Message;
  first: boolean;
  row: InboxRow | undefined;
}

function Said({ conversation, message, first, row }: SaidProps) {
  if (isHandover(message)) return <HandoverNote conversation={conversation} message={message} />;
  if (message.kind === "note") return <Note message={message} />;
  if (message.kind === "event" || message.author.kind === "system") return <SystemLine message={message} />;
  return message.author.kind === "visitor" ? (
    <Theirs conversation={conversation} message={message} first={first} row={row} />
  ) : (
    <Ours conversation={conversation} message={message} first={first} />
  );
}

function Theirs({ message, first, row }: SaidProps) {
  const name = nameOf(row?.customer_name);
  return (
    <div class={first ? "msg" : "msg on"}>
      {first ? <Avatar name={name} url={row?.avatar_url} size={28} /> : <span class="av-gap" />}
      <div class="mb">
        {first && <Head name={name} at={message.at} />}
        <Body text={message.text} />
        <Cards cards={message.cards} />
      </div>
    </div>
  );
}

function Ours({ conversation, message, first }: Omit<SaidProps, "row">) {
  const { kind, name, avatar_url } = message.author;
  const assistant = kind === "assistant";
  return (
    <div class={first ? "msg us" : "msg us on"}>
      {!first ? (
        <span class="av-gap" />
      ) : assistant ? (
        <Bot />
      ) : (
        <Avatar name={nameOf(name)} url={avatar_url} size={28} />
      )}
      <div class="mb">
        {first && <Head name={name || "Assistant"} at={message.at} assistant={assistant} />}
        {assistant && <Worked conversation={conversation} message={message.id} />}
        {!isCardText(message) && <Body text={message.text} assistant={assistant} />}
        <Cards cards={message.cards} />
      </div>
    </div>
  );
}

function Head({ name, at, assistant }: { name: string; at: string; assistant?: boolean }) {
  return (
    <div class="mh">
      <bdi>
        <b>{name}</b>
      </bdi>
      {assistant && <span class="aitag">AI</span>}
      <time dateTime={at} title={full(at)}>
        {clock(at)}
      </time>
    </div>
  );
}

function Body({ text, assistant }: { text: string; assistant?: boolean }) {
  if (!text) return null;
  return (
    <div class={assistant ? "bubble ai" : "bubble"} dir="auto">
      <Linked text={text} />
    </div>
  );
}

function Linked({ text }: { text: string }) {
  return parts(text).map(({ text: words, url }) =>
    url ? (
      <a href={url} target="_blank" rel="noopener noreferrer nofollow">
        {words}
      </a>
    ) : (
      words
    ),
  );
}

function Note({ message }: { message: Message }) {
  return (
    <div class="notebox">
      <Icon name="lock" />
      <div class="grow">
        <div class="mh">
          <b>{message.author.name}</b>
          <span class="not-phone">note, only your team sees it</span>
          <time dateTime={message.at} title={full(message.at)}>
            {clock(message.at)}
          </time>
        </div>
        <p dir="auto">
          <Linked text={message.text} />
        </p>
      </div>
    </div>
  );
}

function SystemLine({ message }: { message: Message }) {
  return (
    <div class="sysline">
      <Icon name="info" size={16} />
      <span>
        {message.text} <time dateTime={message.at}>{clock(message.at)}</time>
      </span>
    </div>
  );
}

/** Below our last answer: whether the visitor has seen it. */
function ReadMark({ thread, row, waiting }: { thread: Thread; row: InboxRow | undefined; waiting: boolean }) {
  const spoken = thread.messages.value.filter((message) => message.kind === "text");
  const last = spoken.at(-1);
  if (!last || last.author.kind === "visitor" || waiting || !row) return null;
  const seen = row.visitor_read_seq >= last.seq;
  return (
    <div class="seen">
      <Icon name={seen ? "checks" : "check"} size={14} />
      {seen ? "Seen" : "Sent"}
    </div>
  );
}

function Unsent({ message }: { message: Outgoing }) {
  const desk = useDesk();
  const { agent } = desk.me;
  const failed = message.state === "failed";
  const line = desk.connection.state.value;
  const text = message.kind === "note" ? `Note: ${message.text}` : message.text;
  return (
    <div class={failed ? "msg us unsent failed" : "msg us unsent"}>
      <Avatar name={agent.name} url={agent.avatar_url} size={28} />
      <div class="mb">
        <Body text={text} />
        <Cards cards={message.cards} />
        {failed ? (
          <div class="seen bad" role="alert">
            <Icon name="alert" size={14} />
            <span>
              <b>Not sent.</b> {message.problem}
            </span>
            <button type="button" class="linkish" onClick={() => desk.outbox.retry(message.id)}>
              Retry
            </button>
            <button type="button" class="linkish" onClick={() => desk.outbox.discard(message.id)}>
              Delete
            </button>
          </div>
        ) : (
          <div class="seen">
            <Icon name="clock" size={14} />
            {line === "online" ? "Sending…" : "Waiting for the line"}
          </div>
        )}
      </div>
    </div>
  );
}

function TypingNow({ conversation, row }: Props) {
  const typing = useDesk().presence.typing.value.get(conversation);
  if (typing?.who !== "visitor") return null;
  const name = nameOf(row?.customer_name);
  return (
    <div class="msg">
      <Avatar name={name} url={row?.avatar_url} size={28} />
      <div class="mb">
        <div class="bubble dots" role="status">
          <span class="sr">{name} is typing</span>
          <i />
          <i />
          <i />
        </div>
      </div>
    </div>
  );
}
