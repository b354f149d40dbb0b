/** Every code that was asked for: what it is worth, who gave it, and what became of it. */

import { useEffect, useState } from "preact/hooks";
import type { DiscountState, DiscountView } from "../../../../../chat/protocol";
import { CSV, type Ledger, ledger, revoke, STATES, worth } from "../../discounts";
import { words } from "../../http";
import { CopyButton } from "../../kit/Code";
import { Confirm } from "../../kit/Dialog";
import { Icon } from "../../kit/Icon";
import { Menu, type MenuItem } from "../../kit/Menu";
import { now } from "../../kit/now";
import { More, type Pages, usePages } from "../../kit/Pages";
import { Empty, Failed, Skeleton } from "../../kit/States";
import { Status } from "../../kit/Status";
import { nameOf } from "../../person";
import { address, go, INBOX } from "../../router";
import { dayAndTime, full } from "../../time";
import { done } from "../../toast";
import { useDesk } from "../../work";

const STATE_NAMES = Object.keys(STATES) as DiscountState[];

interface Props {
  query: string;
  may: boolean;
}

export function LedgerCard({ query, may }: Props) {
  const asked = new URLSearchParams(query).get("state");
  const state = STATE_NAMES.find((name) => name === asked) ?? null;
  const pages = useLedger(state);
  const { at, load } = pages;
  const filters: MenuItem[] = [null, ...STATE_NAMES].map((name) => ({
    label: name ? STATES[name].word : "Any state",
    icon: name ? STATES[name].glyph : "list",
    checked: name === state,
    pick: () => go({ screen: "settings", page: "discounts", ...(name && { query: `state=${name}` }) }),
  }));
  return (
    <section class="card sc flushc" aria-label="Ledger">
      <div class="ch">
        <h3 class="grow">Ledger</h3>
        <Menu
          class={state ? "chip on" : "chip"}
          label={`State: ${state ? STATES[state].word : "any"}`}
          align="end"
          items={filters}
          button={
            <>
              {state ? STATES[state].word : "Any state"}
              <Icon name="down" size={14} />
            </>
          }
        />
        {may && (
          <a class="btn sm" href={CSV} download>
            <Icon name="download" size={14} />
            CSV
          </a>
        )}
      </div>
      {at.state === "loading" && <Skeleton rows={3} />}
      {at.state === "failed" && <Failed title="The ledger did not load" problem={at.problem} onRetry={load} />}
      {at.state === "ready" && <Table page={at.value} filtered={state !== null} />}
      <More pages={pages}>Older codes</More>
    </section>
  );
}

/** The ledger in pages, with what the socket tells put over what was loaded. */
function useLedger(state: DiscountState | null): Pages<DiscountView> {
  const pages = usePages((before) => ledger(state, before));
  const { news } = useDesk();
  useEffect(() => {
    pages.restart();
    return news.subscribe((event) => {
      if (event?.type === "DiscountChanged") pages.change((page) => heard(page, event.discount, state));
    });
  }, [state]);
  return pages;
}

function heard(page: Ledger, view: DiscountView, state: DiscountState | null): Ledger {
  const fits = state === null || view.state === state;
  const known = page.items.some(({ id }) => id === view.id);
  if (!known) return fits ? { ...page, items: [view, ...page.items] } : page;
  const items = page.items.flatMap((one) => (one.id !== view.id ? [one] : fits ? [view] : []));
  return { ...page, items };
}

function Table({ page, filtered }: { page: Ledger; filtered: boolean }) {
  const [ending, setEnding] = useState<DiscountView | null>(null);
  if (page.items.length === 0) {
    return (
      <Empty icon="tag" title={filtered ? "No such code" : "No code yet"}>
        {filtered ? "Every code is under Any state." : "Agents give them from the conversation, with the tag below the answer."}
      </Empty>
    );
  }
  return (
    <div class="tscroll" tabIndex={0} role="region" aria-label="Codes, newest first">
      <table class="tbl flush ledger">
        <thead>
          <tr>
            <th>Code</th>
            <th>Customer</th>
            <th class="r">Worth</th>
            <th>Given by</th>
            <th>State</th>
            <th>When</th>
            <th>
              <span class="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {page.items.map((view) => (
            <Row key={view.id} view={view} onRevoke={() => setEnding(view)} />
          ))}
        </tbody>
      </table>
      {ending && <Revoke of={ending} onClose={() => setEnding(null)} />}
    </div>
  );
}

function Row({ view, onRevoke }: { view: DiscountView; onRevoke: () => void }) {
  const items: MenuItem[] = [];
  if (view.conversation) {
    const conversation = view.conversation;
    items.push({ label: "Open conversation", icon: "chat", pick: () => go({ ...INBOX, tab: "all", conversation }) });
  }
  if (view.state === "issued") items.push({ label: "Revoke…", icon: "trash", danger: true, pick: onRevoke });
  return (
    <tr>
      <td>
        {view.code ? (
          <span class="flex code-c">
            <bdi class="mono">{view.code}</bdi>
            {view.state === "issued" && <CopyButton class="btn ghost sm icon" label={`Copy ${view.code}`} text={view.code} />}
          </span>
        ) : (
          <span class="quiet-t">none yet</span>
        )}
      </td>
      <td>
        {view.conversation ? (
          <a class="plain" href={address({ ...INBOX, tab: "all", conversation: view.conversation })}>
            <bdi>{nameOf(view.customer_name)}</bdi>
          </a>
        ) : (
          <bdi>{nameOf(view.customer_name)}</bdi>
        )}
        {view.store && <span class="quiet-t store">{view.store}</span>}
      </td>
      <td class="r">
        <bdi>{worth(view)}</bdi>
      </td>
      <td class="muted">{view.by.name || "Assistant"}</td>
      <td title={view.approval ? decided(view) : view.verdict || undefined}>
        <Status look={STATES[view.state]} />
      </td>
      <td class="muted" title={full(view.created_at)}>
        {dayAndTime(view.created_at, now.value)}
      </td>
      <td class="r">
        {items.length > 0 && (
          <Menu class="btn ghost icon sm" label={`More for ${view.code || view.title}`} align="end" button={<Icon name="dots" size={16} />} items={items} />
        )}
      </td>
    </tr>
  );
}

function decided({ approval, state }: DiscountView): string {
  const what = state === "declined" ? "Declined" : "Approved";
  return `${what} by ${approval!.by}${approval!.reason && `: ${approval!.reason}`}`;
}

function Revoke({ of: view, onClose }: { of: DiscountView; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const now = async (): Promise<void> => {
    setBusy(true);
    try {
      await revoke(view.id);
      done(`${view.code} is worthless now`);
      onClose();
    } catch (error) {
      setRefused(words(error));
      setBusy(false);
    }
  };
  return (
    <Confirm
      title={`Revoke ${view.code}?`}
      about={`The shop refuses the code from now on. ${nameOf(view.customer_name)} still sees it in the conversation, marked as withdrawn.`}
      action="Revoke code"
      busy={busy}
      problem={refused}
      onConfirm={now}
      onClose={onClose}
    />
  );
}
