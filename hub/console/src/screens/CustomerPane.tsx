/** Beside the conversation: who is writing, how sure we are, and everything known about them. */

import type { InboxRow } from "../../../../chat/protocol";
import { shortAddress, webAddress } from "../address";
import { LADDER, reason, step } from "../assurance";
import { facts, type Row } from "../facts";
import type { Detail } from "../inbox";
import { Avatar } from "../kit/Avatar";
import { Icon } from "../kit/Icon";
import { Ladder } from "../kit/Ladder";
import { now } from "../kit/now";
import { Popover } from "../kit/Popover";
import { SourceMark } from "../kit/SourceMark";
import { Failed, Skeleton } from "../kit/States";
import { nameOf } from "../person";
import { address, type InboxPlace } from "../router";
import { lastMoved } from "../rows";
import { isAdmin } from "../session";
import { source } from "../source";
import { day, full, since } from "../time";
import { useDesk } from "../work";
import { CustomerMenu } from "./CustomerMenu";
import { OrderPanel } from "./OrderPanel";
import { Timeline } from "./Timeline";
import "./customer.css";

export function CustomerPane({ at }: { at: InboxPlace }) {
  return (
    <aside class={at.customer ? "pane p-ctx open" : "pane p-ctx"} aria-label="Customer">
      <div class="bar dbar">
        <a
          class="btn ghost icon only-phone"
          href={address({ ...at, customer: false })}
          aria-label="Back to the conversation"
        >
          <Icon name="left" size={20} flip />
        </a>
        <h2 class="grow">Customer</h2>
        <a class="btn ghost icon not-phone" href={address({ ...at, customer: false })} aria-label="Close customer">
          <Icon name="x" />
        </a>
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="Customer details">
        <Panel at={at} />
      </div>
    </aside>
  );
}

function Panel({ at }: { at: InboxPlace }) {
  const { customer } = useDesk();
  const showing = customer.showing.value;
  if (showing.state === "loading") return <Skeleton rows={5} />;
  if (showing.state === "failed") {
    return <Failed title="The customer did not load" problem={showing.problem} onRetry={() => customer.load()} />;
  }
  const { detail } = showing;
  return (
    <>
      <Identity detail={detail} />
      <Assurance detail={detail} />
      <NowOn page={detail.page} />
      <LatestOrder detail={detail} />
      <Activity detail={detail} />
      <Details rows={facts(detail.customer)} />
      <Earlier rows={detail.earlier} at={at} />
    </>
  );
}

function Identity({ detail }: { detail: Detail }) {
  const { me } = useDesk();
  const { customer, row } = detail;
  const name = nameOf(customer.name);
  const picture = customer.profile.avatar_url;
  return (
    <div class="who">
      <Avatar name={name} url={picture?.verified ? picture.value : row.avatar_url} size={44} />
      <div class="grow">
        <div class="flex who-n">
          <b class={customer.verified || !customer.name ? "clip" : "clip claimed"}>
            <bdi>{name}</bdi>
          </b>
          <Badge verified={customer.verified} />
        </div>
        <span class="muted clip">{about(detail)}</span>
      </div>
      {customer.id && isAdmin(me) && <CustomerMenu customer={customer.id} name={name} />}
    </div>
  );
}

function Badge({ verified }: { verified: boolean }) {
  const words = verified ? "Verified" : "Not verified";
  return (
    <span class={verified ? "badge yes" : "badge no"} role="img" aria-label={words} title={words}>
      <Icon name={verified ? "shield" : "shieldq"} size={16} />
    </span>
  );
}

function about({ customer }: Detail): string {
  if (!customer.id || !customer.external_id) return "No customer is proven yet";
  const since = customer.created_at && `since ${day(customer.created_at, now.value)}`;
  if (/^\d{9,}$/.test(customer.external_id)) return since ? `Customer ${since}` : "Customer"; // a shop's inner number
  return [`Customer ${customer.external_id}`, since].filter(Boolean).join(", ");
}

function Assurance({ detail }: { detail: Detail }) {
  const { assurance, verified } = detail.customer;
  const { level, title, because } = step(assurance);
  const look = verified ? "assure" : assurance === "anonymous" ? "assure none" : "assure claim";
  return (
    <div class={look}>
      <span class="flex as-l">
        <Ladder level={level} />
        <b>{verified ? "Verified" : title}</b>
        <span class="muted">{because}</span>
      </span>
      <span class="end">
        <Popover button="Why?" class="why-b" panel="why" panelLabel="Why" role="dialog" align="end">
          {() => (
            <>
              <p>{reason(assurance)}</p>
              <ul>
                {LADDER.map((one) => (
                  <li key={one.name} aria-current={one.name === assurance ? "step" : undefined}>
                    <Ladder level={one.level} />
                    <b>{one.title}</b>
                    <span class="muted">{one.means}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </Popover>
      </span>
    </div>
  );
}

function NowOn({ page }: { page: Detail["page"] }) {
  if (!page) return null;
  const url = webAddress(page.url);
  const short = shortAddress(page.url);
  const title = page.title || short;
  return (
    <section class="cs">
      <h3>Now on</h3>
      <div class="pg">
        <Icon name="globe" size={16} />
        <div class="grow">
          {url ? (
            <a class="clip" href={url} target="_blank" rel="noopener noreferrer nofollow">
              {title}
            </a>
          ) : (
            <span class="clip">{title}</span>
          )}
          <span class="quiet-t clip">{short}</span>
        </div>
        <time class="quiet-t num" dateTime={page.at} title={full(page.at)}>
          {since(page.at, now.value)}
        </time>
      </div>
    </section>
  );
}

/** Orders are somebody's own: nobody has any before they are known. */
function LatestOrder({ detail }: { detail: Detail }) {
  const { customer, records } = detail;
  if (!customer.id) return null;
  const expected = records.some(({ kind }) => kind === "order");
  return <OrderPanel key={customer.id} customer={customer.id} name={nameOf(customer.name)} source={customer.source} expected={expected} />;
}

function Activity({ detail }: { detail: Detail }) {
  const desk = useDesk();
  const { customer, records } = detail;
  const live = desk.connection.state.value === "online";
  return (
    <section class="cs" aria-label="Activity">
      <h3>
        Activity
        {live && (
          <span class="end live">
            <i />
            Live
          </span>
        )}
      </h3>
      {records.length > 0 ? (
        <Timeline records={records} fresh={desk.customer.fresh.value} />
      ) : (
        <p class="muted none">
          {customer.verified || customer.id
            ? "No orders, deposits or payments yet. New ones appear here on their own."
            : "Orders stay hidden until the visitor proves who they are."}
        </p>
      )}
    </section>
  );
}

function Details({ rows }: { rows: Row[] }) {
  if (rows.length === 0) return null;
  return (
    <section class="cs">
      <h3>Details</h3>
      <dl class="ats">
        {rows.map(({ key, label, fact }) => (
          <div class="at-r" key={key}>
            <dt class="clip" title={label}>
              {label}
            </dt>
            <dd title={`${fact.value}\n${source(fact.source).name}, ${full(fact.at)}`}>
              <bdi class={fact.verified ? "clip" : "clip claimed"}>{fact.value}</bdi>
              <SourceMark source={fact.source} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Earlier({ rows, at }: { rows: readonly InboxRow[]; at: InboxPlace }) {
  if (rows.length === 0) return null;
  return (
    <section class="cs">
      <h3>
        Earlier conversations <span class="quiet-t">{rows.length}</span>
      </h3>
      <ul class="pv">
        {rows.map((row) => (
          <li key={row.id}>
            <a href={address({ ...at, conversation: row.id, customer: false })}>
              <span class="grow clip">
                <bdi>{row.last?.text || "Product card"}</bdi>
              </span>
              <time class="quiet-t" dateTime={lastMoved(row)}>
                {day(lastMoved(row), now.value)}
              </time>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
