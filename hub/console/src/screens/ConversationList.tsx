/** The list of conversations: tabs, filter, search, and a row each, newest activity first. */

import { useEffect, useRef } from "preact/hooks";
import type { InboxRow } from "../../../../chat/protocol";
import { Avatar } from "../kit/Avatar";
import { moveAlong } from "../kit/Choice";
import { Icon } from "../kit/Icon";
import { Menu } from "../kit/Menu";
import { now } from "../kit/now";
import { PlaceSearch } from "../kit/SearchField";
import { Empty, Failed, Skeleton } from "../kit/States";
import { firstName, nameOf } from "../person";
import { address, go, type InboxPlace, STATUSES, type StatusFilter, type Tab, TABS } from "../router";
import { lastMoved } from "../rows";
import { when } from "../time";
import { whyWord } from "../transcripts";
import { useDesk } from "../work";
import { waitsForPerson } from "./Answering";
import { LineNotice } from "./LineNotice";
import { STATUS_GLYPHS, STATUS_WORDS } from "./status";

const TAB_WORDS = { mine: "Mine", unassigned: "Unassigned", assistant: "AI", all: "All" } as const;
const TAB_TITLES = { assistant: "Answered by the assistant" } as { [tab in Tab]?: string };
const TYPING_PAUSE = 250; // a search waits for the hand to rest

export function ConversationList({ at }: { at: InboxPlace }) {
  const { counts, view } = useDesk().inbox;
  const counted = view.value.state === "ready";
  return (
    <section class={at.conversation ? "pane p-list away" : "pane p-list"} aria-label="Conversations">
      <div class="bar">
        <h2>Inbox</h2>
      </div>
      <div class="tabs3" role="tablist" aria-label="Whose" onKeyDown={moveAlong}>
        {TABS.map((tab) => (
          <button
            key={tab}
            type="button"
            role="tab"
            aria-selected={at.tab === tab}
            tabIndex={at.tab === tab ? 0 : -1}
            title={TAB_TITLES[tab]}
            onClick={() => go({ ...at, tab, conversation: null, customer: false })}
          >
            {tab === "assistant" && <Icon name="spark" size={14} />}
            {TAB_WORDS[tab]} {counted && <span>{counts.value[tab]}</span>}
          </button>
        ))}
      </div>
      <div class="filters">
        <StatusMenu at={at} />
        <PlaceSearch label="Search conversations" q={at.q} pause={TYPING_PAUSE} onSearch={(q) => go({ ...at, q }, { replace: true })} />
      </div>
      {!at.conversation && <LineNotice />}
      <Rows at={at} />
    </section>
  );
}

function StatusMenu({ at }: { at: InboxPlace }) {
  const pick = (status: StatusFilter): void => go({ ...at, status, conversation: null, customer: false });
  return (
    <Menu
      class={at.status === "any" ? "chip" : "chip on"}
      label={`Status: ${STATUS_WORDS[at.status]}`}
      button={
        <>
          {STATUS_WORDS[at.status]}
          <Icon name="down" size={14} />
        </>
      }
      items={STATUSES.map((status) => ({
        label: STATUS_WORDS[status],
        icon: STATUS_GLYPHS[status],
        checked: at.status === status,
        pick: () => pick(status),
      }))}
    />
  );
}

function Rows({ at }: { at: InboxPlace }) {
  const { inbox } = useDesk();
  const { state, problem, next } = inbox.view.value;
  const rows = inbox.list.value;
  if (state === "loading" && rows.length === 0) return <Skeleton rows={7} avatar />;
  if (state === "failed") {
    return <Failed title="The inbox did not load" problem={problem} onRetry={() => inbox.retry()} />;
  }
  if (rows.length === 0) return <Nothing at={at} />;
  return (
    <ul class="scroll cvs">
      {rows.map((row) => (
        <li key={row.id}>
          <Row row={row} at={at} />
        </li>
      ))}
      {next && <More problem={problem} />}
    </ul>
  );
}

function Row({ row, at }: { row: InboxRow; at: InboxPlace }) {
  const desk = useDesk();
  const open = row.id === at.conversation;
  const name = nameOf(row.customer_name);
  const unread = row.unread > 0 && !open;
  return (
    <a
      class={`cv${open ? " sel" : ""}${unread ? " unread" : ""}`}
      href={address({ ...at, conversation: row.id, customer: false })}
      aria-current={open ? "true" : undefined}
    >
      <Avatar name={name} url={row.avatar_url} size={36} source={row.source} />
      <span class="m">
        <span class="l1">
          <bdi class="n clip">{name}</bdi>
          {row.verified && (
            <span class="ver" role="img" aria-label="Verified" title="Verified">
              <Icon name="shield" size={14} />
            </span>
          )}
          <time dateTime={lastMoved(row)}>{when(lastMoved(row), now.value)}</time>
        </span>
        <span class="l2">
          <LastLine row={row} />
          {unread && (
            <span class="un">
              {row.unread}
              <span class="sr"> unread</span>
            </span>
          )}
        </span>
        <span class="l3">
          <WhoAnswers row={row} />
          {at.tab === "all" && (row.assignee || row.answering === "") && <Assignee row={row} me={desk.me.agent.id} />}
          {at.status === "any" && row.status !== "open" && (
            <span class="pill neutral bare">
              <Icon name={STATUS_GLYPHS[row.status]} size={12} />
              {STATUS_WORDS[row.status]}
            </span>
          )}
        </span>
      </span>
    </a>
  );
}

/** What goes on in the conversation: being typed, left unsent by us, or said last. */
function LastLine({ row }: { row: InboxRow }) {
  const desk = useDesk();
  const typing = desk.presence.typing.value.get(row.id);
  if (typing?.who === "visitor") return <span class="clip grow accent-t">typing…</span>;
  if (typing?.who === "assistant" || desk.answers.writing.value.has(row.id)) {
    return <span class="clip grow accent-t">Assistant is writing…</span>;
  }
  const draft = desk.drafts.of(row.id).value;
  const unsent = draft.reply || draft.note;
  if (unsent) {
    return (
      <span class="clip grow">
        <span class="draft-t">Draft: </span>
        <bdi>{unsent}</bdi>
      </span>
    );
  }
  const { last } = row;
  if (!last) return <span class="clip grow quiet-t">Product card</span>; // sent without a word
  return (
    <span class="said grow">
      {last.author === "agent" && <span class="quiet-t">Team: </span>}
      {last.author === "assistant" && <span class="quiet-t">Assistant: </span>}
      <span class="clip" dir="auto">
        {last.text}
      </span>
    </span>
  );
}

/** The assistant answers, or it has passed the conversation on and nobody has taken it. */
function WhoAnswers({ row }: { row: InboxRow }) {
  if (row.answering === "assistant") {
    return (
      <span class="row-m">
        <Icon name="spark" size={14} />
        <span class="clip">Assistant answering</span>
      </span>
    );
  }
  if (!waitsForPerson(row)) return null;
  return (
    <span class="row-m waits">
      <Icon name="headset" size={14} />
      <span class="clip">{row.why ? whyWord(row.why) : "Waits for a person"}</span>
    </span>
  );
}

function Assignee({ row, me }: { row: InboxRow; me: string }) {
  if (!row.assignee) return <span class="who-t quiet-t">Unassigned</span>;
  return (
    <span class="who-t">
      <Avatar name={row.assignee.name} url={row.assignee.avatar_url} size={16} />
      {row.assignee.id === me ? "You" : firstName(row.assignee.name)}
    </span>
  );
}

/** Loads the next page when it comes into view, or when asked. */
function More({ problem }: { problem: string }) {
  const { inbox } = useDesk();
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    const seen = new IntersectionObserver(([entry]) => entry?.isIntersecting && void inbox.more());
    seen.observe(end.current!);
    return () => seen.disconnect();
  }, [inbox]);
  return (
    <li ref={end} class="more">
      {problem && <p class="hint bad">{problem}</p>}
      <button type="button" class="btn ghost" disabled={inbox.adding.value} onClick={() => inbox.more()}>
        {inbox.adding.value ? "Loading…" : "Older conversations"}
      </button>
    </li>
  );
}

function Nothing({ at }: { at: InboxPlace }) {
  const { unassigned, all } = useDesk().inbox.counts.value;
  if (at.q) {
    return (
      <Empty
        icon="search"
        title="Nothing found"
        action={
          <button type="button" class="btn" onClick={() => go({ ...at, q: "" })}>
            Clear the search
          </button>
        }
      >
        No {at.status === "any" ? "" : `${at.status} `}conversation here has “{at.q}”.
      </Empty>
    );
  }
  const elsewhere = at.tab === "mine" && unassigned > 0 ? "unassigned" : at.tab !== "all" && all > 0 ? "all" : null;
  const action = elsewhere && (
    <button type="button" class="btn" onClick={() => go({ ...at, tab: elsewhere })}>
      {elsewhere === "unassigned" ? `See the ${unassigned} unassigned` : `See all ${all}`}
    </button>
  );
  const install = at.tab === "all" && at.status === "any" && (
    <a class="btn" href={address({ screen: "settings", page: "install" })}>
      Install the widget
    </a>
  );
  return (
    <Empty title={at.status === "open" ? "Nothing is waiting" : "Nothing here"} action={action || install}>
      New conversations appear here on their own.
    </Empty>
  );
}
