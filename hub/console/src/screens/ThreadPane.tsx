/** One conversation: its head with status and assignee, its messages, and the place to write. */

import type { InboxRow, Person, Status } from "../../../../chat/protocol";
import { Avatar } from "../kit/Avatar";
import { Icon } from "../kit/Icon";
import { Menu, type MenuItem } from "../kit/Menu";
import { firstName, nameOf } from "../person";
import { address, type InboxPlace } from "../router";
import { useDesk } from "../work";
import { AnsweringStrip, useAnsweringItems } from "./Answering";
import { Composer } from "./Composer";
import { DraftPanel } from "./DraftPanel";
import { LineNotice } from "./LineNotice";
import { MessageLog } from "./MessageLog";
import { OpenCodes } from "./OpenCodes";
import { Overtaken } from "./Overtaken";
import { STATUS_GLYPHS, STATUS_WORDS } from "./status";
import "./answers.css";
import "./thread.css";

const SETTABLE: readonly Status[] = ["open", "pending", "snoozed", "resolved"];

interface Props {
  at: InboxPlace;
  conversation: string;
}

export function ThreadPane({ at, conversation }: Props) {
  const { inbox, threads } = useDesk();
  const row = inbox.rows.value.get(conversation);
  const gone = !row && threads.of(conversation).state.value === "failed";
  const name = nameOf(row?.customer_name);
  return (
    <section class={at.customer ? "pane p-thread away" : "pane p-thread"} aria-label={`Conversation with ${name}`}>
      <div class="bar">
        <a
          class="btn ghost icon only-phone"
          href={address({ ...at, conversation: null, customer: false })}
          aria-label="Back to inbox"
        >
          <Icon name="left" size={20} flip />
        </a>
        <div class="grow flex">
          {row && (
            <h2 class="clip">
              <bdi>{name}</bdi>
            </h2>
          )}
          {row && <StatusMenu row={row} />}
        </div>
        <Viewers conversation={conversation} />
        {row && <AssigneeMenu row={row} />}
        {row && <AnsweringMenu row={row} />}
        {row && <MoreMenu row={row} />}
        <a
          class="btn icon only-narrow"
          href={address({ ...at, customer: !at.customer })}
          aria-label="Customer"
          title="Customer"
        >
          <Icon name="person" />
        </a>
        {row && <ResolveButton row={row} />}
      </div>
      {row && <AnsweringStrip row={row} />}
      <MessageLog conversation={conversation} row={row} />
      <div class="dock">
        <LineNotice />
        <OpenCodes conversation={conversation} />
        <Overtaken conversation={conversation} />
        <DraftPanel conversation={conversation} />
        {!gone && <Composer conversation={conversation} name={row ? name : ""} />}
      </div>
    </section>
  );
}

function useStatuses(row: InboxRow): MenuItem[] {
  const desk = useDesk();
  return SETTABLE.map((status) => ({
    label: STATUS_WORDS[status],
    icon: STATUS_GLYPHS[status],
    checked: row.status === status,
    pick: () => row.status !== status && desk.setStatus(row.id, status),
  }));
}

function useAssignees(row: InboxRow): MenuItem[] {
  const desk = useDesk();
  const { id: me } = desk.me.agent;
  const everyone = [...desk.colleagues.value].sort((one) => (one.id === me ? -1 : 0));
  const people = everyone.map((one) => ({
    label: one.id === me ? `${one.name} (you)` : one.name,
    picture: <Avatar name={one.name} url={one.avatar_url} size={20} online={desk.presence.isOnline(one.id)} />,
    checked: one.id === row.assignee?.id,
    pick: () => desk.assign(row.id, one.id),
  }));
  const nobody = (): void => desk.assign(row.id, null);
  return [...people, { label: "Nobody", icon: "person", checked: row.assignee === null, pick: nobody }];
}

function StatusMenu({ row }: { row: InboxRow }) {
  return (
    <span class="not-phone">
      <Menu
        class="chip"
        label={`Status: ${STATUS_WORDS[row.status]}`}
        items={useStatuses(row)}
        button={
          <>
            {STATUS_WORDS[row.status]}
            <Icon name="down" size={14} />
          </>
        }
      />
    </span>
  );
}

function AssigneeMenu({ row }: { row: InboxRow }) {
  const me = useDesk().me.agent.id;
  const current = row.assignee;
  const who = current ? (current.id === me ? "You" : firstName(current.name)) : "Unassigned";
  return (
    <span class="not-phone">
      <Menu
        class="btn as-btn"
        label={current ? `Assigned to ${who}` : who}
        align="end"
        items={useAssignees(row)}
        button={
          <>
            {current ? (
              <Avatar name={current.name} url={current.avatar_url} size={18} />
            ) : (
              <Icon name="person" size={16} />
            )}
            <span class="as-name clip">{who}</span>
            <Icon name="down" size={14} />
          </>
        }
      />
    </span>
  );
}

/** Both in one, where there is no room for two. */
function MoreMenu({ row }: { row: InboxRow }) {
  const answering = useAnsweringItems(row);
  const statuses = useStatuses(row).map((item) => ({ ...item, group: "Status" }));
  const assignees = useAssignees(row).map((item) => ({ ...item, group: "Assigned to" }));
  return (
    <span class="only-phone">
      <Menu
        class="btn icon"
        label="Status and assignee"
        align="end"
        items={[...answering, ...statuses, ...assignees]}
        button={<Icon name="dots" />}
      />
    </span>
  );
}

/** On a desk: what is done seldom. */
function AnsweringMenu({ row }: { row: InboxRow }) {
  const items = useAnsweringItems(row);
  if (items.length === 0) return null;
  return (
    <span class="not-phone">
      <Menu class="btn icon" label="Who answers" title="Who answers" align="end" items={items} button={<Icon name="dots" />} />
    </span>
  );
}

function ResolveButton({ row }: { row: InboxRow }) {
  const desk = useDesk();
  const resolved = row.status === "resolved";
  return (
    <button
      type="button"
      class="btn"
      title={resolved ? "Open it again" : "Alt E"}
      onClick={() => desk.setStatus(row.id, resolved ? "open" : "resolved")}
    >
      <Icon name={resolved ? "refund" : "check"} size={16} />
      {resolved ? "Reopen" : "Resolve"}
    </button>
  );
}

function Viewers({ conversation }: { conversation: string }) {
  const desk = useDesk();
  const others = desk.others(conversation);
  const typing = desk.presence.typing.value.get(conversation);
  if (others.length === 0) return null;
  const writer = typing?.who === "agent" ? typing.person : null;
  return (
    <span class="viewing" role="status">
      {others.slice(0, 3).map((person) => (
        <Avatar key={person.id} name={person.name} url={person.avatar_url} size={20} />
      ))}
      <span class="clip">{writer ? `${firstName(writer.name)} is writing` : viewing(others)}</span>
    </span>
  );
}

function viewing(others: readonly Person[]): string {
  const [first, ...rest] = others.map((person) => firstName(person.name));
  return rest.length === 0 ? `${first} is viewing` : `${first} and ${rest.length} more are viewing`;
}
