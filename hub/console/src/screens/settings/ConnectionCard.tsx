/** One connected shop: how it is, what it holds, what is wrong and the button that mends it. */

import { useState } from "preact/hooks";
import { webAddress } from "../../address";
import { words } from "../../http";
import { Icon } from "../../kit/Icon";
import { Menu, type MenuItem } from "../../kit/Menu";
import { Meter } from "../../kit/Meter";
import { now } from "../../kit/now";
import { Status } from "../../kit/Status";
import { Tile } from "../../kit/Tile";
import { address, go, type SettingsPlace } from "../../router";
import {
  type Card,
  check,
  connect,
  type Connection,
  type Connector,
  count,
  detail,
  driftText,
  headline,
  LEVELS,
  type Live,
  progressText,
  result,
  type Run,
  share,
  stripLabel,
  type SyncKind,
  until,
} from "../../shops";
import { source } from "../../source";
import { ago } from "../../time";
import { done, problem } from "../../toast";
import { useDesk } from "../../work";
import { Disconnect } from "./Disconnect";

interface Props {
  card: Card;
  connector: Connector | undefined;
  may: boolean;
}

const GONE = { word: "Disconnected", tone: "neutral", glyph: "x" } as const;

export function ConnectionCard({ card, connector, may }: Props) {
  const { connection } = card;
  const [leaving, setLeaving] = useState(false);
  const active = connection.state === "active";
  const live = useDesk().shops.liveOf(card);
  return (
    <section class={active ? "card conn" : "card conn gone-c"} aria-label={connection.title}>
      <div class="flex conn-h">
        <Tile connector={connection.connector} />
        <div class="grow">
          <h3 class="clip">
            <a href={address(logOf(connection))}>
              <bdi>{connection.title}</bdi>
            </a>
          </h3>
          <p class="muted clip">
            {connector?.title ?? source(connection.connector).name}, <bdi>{connection.shop}</bdi>
          </p>
        </div>
        <Status look={active ? LEVELS[connection.level] : GONE} />
        <More connection={connection} may={may && active} onDisconnect={() => setLeaving(true)} />
      </div>
      <Facts
        facts={[
          ["Products", count(card.counts.products)],
          ["Orders", count(card.counts.records)],
          ["Drift", driftText(connection.drift)],
          ["Last sync", connection.synced_at ? ago(connection.synced_at, now.value) : "not yet"],
        ]}
      />
      {live ? <Progress live={live} /> : <Strip runs={card.runs} beside={nextSync(card)} />}
      {active && <ProblemNotice connection={connection} />}
      <div class="flex conn-b wrap">
        {active ? <Remedies card={card} connector={connector} may={may} /> : <Again connection={connection} may={may} />}
      </div>
      {leaving && <Disconnect connection={connection} onClose={() => setLeaving(false)} />}
    </section>
  );
}

export const logOf = ({ id }: Connection): SettingsPlace => ({ screen: "settings", page: "integrations", within: [id] });

export function Facts({ facts }: { facts: readonly (readonly [string, string])[] }) {
  return (
    <dl>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="clip" title={value}>
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function nextSync({ connection, next_sync_at }: Card): string {
  if (connection.state !== "active") return "stopped";
  if (!next_sync_at) return "no run yet";
  return `next ${until(next_sync_at, now.value)}`;
}

const CELLS = 30;

/** The last runs as squares, always thirty wide, the newest at the end. */
export function Strip({ runs, beside }: { runs: readonly Run[]; beside: string }) {
  const shown = runs.slice(-CELLS);
  return (
    <div class="strip-r">
      <span class="strip" role="img" aria-label={stripLabel(shown)}>
        {Array.from({ length: CELLS - shown.length }, (_, at) => (
          <i key={`none ${at}`} />
        ))}
        {shown.map((run) => (
          <i key={run.id} class={result(run).tone} />
        ))}
      </span>
      <span class="quiet-t">{beside}</span>
    </div>
  );
}

export function Progress({ live }: { live: Live }) {
  const text = progressText(live);
  return (
    <div class={`sync ${live.state}`}>
      <p role={live.state === "running" ? undefined : "status"}>
        {live.state === "done" && <Icon name="check" size={14} />}
        {live.state === "failed" && <Icon name="alert" size={14} />}
        <span class="num">{text}</span>
      </p>
      <Meter label="Sync" share={share(live)} text={text} look={live.state === "failed" ? "full" : ""} />
    </div>
  );
}

const TONES = { connected: "", attention: "info", degraded: "warning", failed: "negative" } as const;

export function ProblemNotice({ connection }: { connection: Connection }) {
  const { level, problem: wrong } = connection;
  if (!wrong) return null;
  const [what, rest] = headline(wrong.text);
  return (
    <div class={`notice ${TONES[level]}`}>
      <Icon name={LEVELS[level].glyph === "info" ? "key" : LEVELS[level].glyph} size={16} />
      <p>
        <b>{what}</b> {rest}
      </p>
    </div>
  );
}

const ASKS_APPROVAL = new Set(["missing_permission", "scope_missing"]);
const ASKS_KEYS = new Set(["refused", "reapprove", "unauthorized", "expired"]);

/** What mends it, then what one does anyway; the first is the one to press. */
export function Remedies({ card, connector, may }: Props) {
  const { connection } = card;
  const { run, syncing } = useSync(connection);
  const code = connection.problem?.code ?? "";
  const link = connection.problem?.link ?? "";
  const admin = webAddress(detail(connection, "admin_url"));
  const drifted = (connection.drift ?? 0) > 0;
  const asks = ASKS_APPROVAL.has(code) || ASKS_KEYS.has(code);
  return (
    <>
      {may && asks && <Reconnect connection={connection} connector={connector} keys={ASKS_KEYS.has(code)} />}
      {code && link && !asks && <MendLink link={link} title={connector?.title ?? "the shop"} />}
      {may && code && !asks && <CheckAgain connection={connection} soft={!link} />}
      {may && drifted && (
        <button type="button" class="btn sm" disabled={syncing} onClick={() => run("sweep")}>
          Repair {driftText(connection.drift)}
        </button>
      )}
      {may && !ASKS_KEYS.has(code) && !drifted && (
        <button type="button" class="btn sm" disabled={syncing} onClick={() => run(connection.synced_at ? "check" : "full")}>
          <Icon name="sync" size={14} />
          Sync now
        </button>
      )}
      {admin && (
        <a class="btn sm" href={admin} target="_blank" rel="noopener noreferrer">
          Open admin
        </a>
      )}
    </>
  );
}

export function useSync(connection: Connection): { run: (kind: SyncKind) => void; syncing: boolean } {
  const { shops } = useDesk();
  const state = shops.live.value.get(connection.id)?.state;
  const run = (kind: SyncKind): void => void shops.sync(connection.id, kind).catch((error) => problem(words(error)));
  return { run, syncing: state === "asked" || state === "running" };
}

interface ReconnectProps {
  connection: Connection;
  connector: Connector | undefined;
  keys: boolean;
}

/** Straight to the shop's approval where its address is all that is asked, else to the form. */
function Reconnect({ connection, connector, keys }: ReconnectProps) {
  const [busy, setBusy] = useState(false);
  const again = async (): Promise<void> => {
    setBusy(true);
    try {
      const { redirect } = await connect(connection.connector, { shop: connection.shop });
      const url = webAddress(redirect);
      if (url) return location.assign(url);
      go(logOf(connection));
    } catch {
      go(connectingAgain(connection)); // the form says what is missing
    }
    setBusy(false);
  };
  return (
    <button type="button" class={keys ? "btn sm primary" : "btn sm soft"} disabled={busy} onClick={again}>
      {keys ? "Reconnect" : `Approve in ${connector?.title ?? "the shop"}`}
    </button>
  );
}

const connectingAgain = ({ connector, shop }: Connection): SettingsPlace => ({
  screen: "settings",
  page: "integrations",
  within: ["connect", connector],
  query: new URLSearchParams({ shop }).toString(),
});

function MendLink({ link, title }: { link: string; title: string }) {
  const outside = webAddress(link);
  if (outside && !outside.startsWith(location.origin)) {
    return (
      <a class="btn sm soft" href={outside} target="_blank" rel="noopener noreferrer">
        Open in {title}
      </a>
    );
  }
  return link.startsWith("/") ? (
    <a class="btn sm soft" href={link}>
      Put it right
    </a>
  ) : null;
}

function CheckAgain({ connection, soft }: { connection: Connection; soft: boolean }) {
  const { busy, run } = useCheck(connection);
  return (
    <button type="button" class={soft ? "btn sm soft" : "btn sm"} disabled={busy} onClick={run}>
      {busy ? "Asking the shop…" : "Check again"}
    </button>
  );
}

function useCheck(connection: Connection): { busy: boolean; run: () => void } {
  const { shops } = useDesk();
  const [busy, setBusy] = useState(false);
  const run = (): void => {
    setBusy(true);
    check(connection.id)
      .then(({ ok, detail: said }) => (ok ? done(said || `${connection.title} answers.`) : problem(said)))
      .then(() => shops.load())
      .catch((error) => problem(words(error)))
      .finally(() => setBusy(false));
  };
  return { busy, run };
}

function Again({ connection, may }: { connection: Connection; may: boolean }) {
  return (
    <>
      {may && (
        <a class="btn sm" href={address(connectingAgain(connection))}>
          Connect again
        </a>
      )}
      <span class="muted">Its orders and products are still here.</span>
    </>
  );
}

interface MoreProps {
  connection: Connection;
  may: boolean;
  onDisconnect: () => void;
}

export function More({ connection, may, onDisconnect }: MoreProps) {
  const { run } = useSync(connection);
  const { run: ask } = useCheck(connection);
  const log: MenuItem = { label: "Sync log", icon: "list", pick: () => go(logOf(connection)) };
  const acts: MenuItem[] = [
    { label: "Check the connection", icon: "check", pick: ask },
    { label: "Read everything again", icon: "sync", pick: () => run("full") },
    { label: "Compare everything", icon: "checks", pick: () => run("sweep") },
    { label: "Disconnect…", icon: "trash", danger: true, pick: onDisconnect },
  ];
  return (
    <Menu
      class="btn ghost icon"
      label={`More for ${connection.title}`}
      align="end"
      button={<Icon name="dots" />}
      items={may ? [log, ...acts] : [log]}
    />
  );
}
