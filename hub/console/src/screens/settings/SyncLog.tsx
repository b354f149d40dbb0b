/** One connected shop: how fresh it is, why it drifts, what was given up, and every run. */

import { useEffect, useState } from "preact/hooks";
import type { HubEvent } from "../../../../../chat/protocol";
import { words } from "../../http";
import { Segmented } from "../../kit/Choice";
import { Icon } from "../../kit/Icon";
import { now } from "../../kit/now";
import { Empty, Failed, Skeleton } from "../../kit/States";
import { Status } from "../../kit/Status";
import { useLoaded } from "../../loaded";
import { address } from "../../router";
import { isAdmin } from "../../session";
import {
  type ConnectionPage,
  connectionPage,
  count,
  driftText,
  type DeadLetter,
  kindName,
  LEVELS,
  replay,
  result,
  type Run,
  took,
  until,
} from "../../shops";
import { source } from "../../source";
import { ago, dayAndTime, full } from "../../time";
import { done, problem } from "../../toast";
import { useDesk, useNews } from "../../work";
import { More, ProblemNotice, Progress, Remedies, Strip, useSync } from "./ConnectionCard";
import { Disconnect } from "./Disconnect";
import { Head } from "./Head";

const BACK = address({ screen: "settings", page: "integrations" });
const SOON = 300;

export function SyncLog({ id }: { id: string }) {
  const desk = useDesk();
  const loading = useLoaded(() => connectionPage(id));
  useEffect(() => desk.shops.want(), [desk]);
  useNews((event) => ours(event, id), () => loading.load(), SOON);
  const at = loading.at.value;
  return (
    <div class="scroll">
      <div class="sbody wide">
        {at.state === "ready" ? (
          <Log page={at.value} reload={() => loading.load()} />
        ) : (
          <>
            <Head title="Sync log" about="What a shop sent, and what became of it." back={BACK} />
            {at.state === "loading" ? (
              <Skeleton rows={6} />
            ) : (
              <Failed title="The sync log did not load" problem={at.problem} onRetry={() => loading.load()} />
            )}
          </>
        )}
      </div>
    </div>
  );
}

/** Whether the shop's state or a run of it has changed. */
function ours(event: HubEvent, id: string): boolean {
  const changed = event.type === "ConnectionChanged" || (event.type === "SyncProgressed" && event.state !== "running");
  return changed && event.connection === id;
}

interface LogProps {
  page: ConnectionPage;
  reload: () => Promise<void>;
}

function Log({ page, reload }: LogProps) {
  const desk = useDesk();
  const [leaving, setLeaving] = useState(false);
  const { card, dead, runs } = page;
  const { connection } = card;
  const shops = desk.shops.loaded.value;
  const connector =
    shops.state === "ready" ? shops.value.connectors.find(({ name }) => name === connection.connector) : undefined;
  const active = connection.state === "active";
  const may = isAdmin(desk.me);
  const live = desk.shops.liveOf(card);
  const { run, syncing } = useSync(connection);
  const actions = (
    <span class="flex">
      {active && <Status look={LEVELS[connection.level]} />}
      {may && active && (
        <button type="button" class="btn" disabled={syncing} onClick={() => run(connection.synced_at ? "check" : "full")}>
          <Icon name="sync" size={16} />
          Sync now
        </button>
      )}
      <More connection={connection} may={may && active} onDisconnect={() => setLeaving(true)} />
    </span>
  );
  const about = (
    <>
      {connector?.title ?? source(connection.connector).name}, <bdi>{connection.shop}</bdi>
      {!active && ", disconnected"}
    </>
  );
  return (
    <>
      <Head title={connection.title} about={about} back={BACK} actions={actions} />
      <section class="card sc" aria-label="Now">
        <FactStrip page={page} />
        {live ? <Progress live={live} /> : <Strip runs={card.runs} beside={`last ${card.runs.length || 30} runs`} />}
      </section>
      {active && (connection.problem || (connection.drift ?? 0) > 0) && (
        <section class="card sc stack gap" aria-label="What is wrong">
          <h3>{connection.problem ? "What is wrong" : `Drift: ${driftText(connection.drift)} differ`}</h3>
          <ProblemNotice connection={connection} />
          {(connection.drift ?? 0) > 0 && (
            <p class="muted">
              {driftText(connection.drift)} here differ from the shop. The shop is right: repairing copies its values here.
            </p>
          )}
          <div class="flex wrap">
            <Remedies card={card} connector={connector} may={may} />
          </div>
        </section>
      )}
      <Dead connection={connection.id} letters={dead} may={may} reload={reload} />
      <Runs runs={runs} />
      {leaving && <Disconnect connection={connection} onClose={() => setLeaving(false)} />}
    </>
  );
}

function FactStrip({ page }: { page: ConnectionPage }) {
  const { card, dead, waiting } = page;
  const { connection, counts } = card;
  const facts: [string, string][] = [
    ["Products", count(counts.products)],
    ["Orders", count(counts.records)],
    ["Customers", count(counts.customers)],
    ["Drift now", driftText(connection.drift)],
    ["Dead letters", count(dead.length)],
    ["Events waiting", count(waiting)],
    ["Last sync", connection.synced_at ? ago(connection.synced_at, now.value) : "not yet"],
    ["Next", card.next_sync_at && connection.state === "active" ? until(card.next_sync_at, now.value) : "none"],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface DeadProps {
  connection: string;
  letters: readonly DeadLetter[];
  may: boolean;
  reload: () => Promise<void>;
}

function Dead({ connection, letters, may, reload }: DeadProps) {
  const [busy, setBusy] = useState(false);
  const again = async (delivery?: string): Promise<void> => {
    setBusy(true);
    try {
      const { count: many } = await replay(connection, delivery);
      done(many === 1 ? "One event is worked on again" : `${count(many)} events are worked on again`);
      await reload();
    } catch (error) {
      problem(words(error));
    }
    setBusy(false);
  };
  return (
    <section class="card sc flushc" aria-label="Dead letters">
      <div class="ch">
        <div class="grow">
          <h3>Dead letters</h3>
          <p>
            {letters.length
              ? "Events we gave up on. Nothing is lost: each is kept with its body."
              : "No event was given up. Those that fail wait here, with their body."}
          </p>
        </div>
        {may && letters.length > 1 && (
          <button type="button" class="btn" disabled={busy} onClick={() => again()}>
            <Icon name="play" size={16} />
            Replay all {letters.length}
          </button>
        )}
      </div>
      {letters.length > 0 && (
        <div class="tscroll" tabIndex={0} role="region" aria-label="Events we gave up on">
          <table class="tbl flush">
            <thead>
              <tr>
                <th>Event</th>
                <th>Why</th>
                <th>Tries</th>
                <th>When</th>
                <th>
                  <span class="sr">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {letters.map((letter) => (
                <tr key={letter.id}>
                  <td class="mono">{letter.topic}</td>
                  <td class="why-t" title={letter.error}>
                    {letter.error}
                  </td>
                  <td class="muted">{letter.attempts === 1 ? "1 try" : `${letter.attempts} tries`}</td>
                  <td class="muted" title={full(letter.at)}>
                    {dayAndTime(letter.at, now.value)}
                  </td>
                  <td class="r">
                    {may && (
                      <button type="button" class="btn sm" disabled={busy} onClick={() => again(letter.id)}>
                        <Icon name="play" size={14} />
                        Replay
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const FILTERS = [
  { value: "all", label: "All" },
  { value: "drift", label: "With drift" },
  { value: "failed", label: "Failed" },
] as const;

type Filter = (typeof FILTERS)[number]["value"];

const PASSES: { readonly [filter in Filter]: (run: Run) => boolean } = {
  all: () => true,
  drift: (run) => run.drift > 0,
  failed: (run) => run.state === "failed",
};

function Runs({ runs }: { runs: readonly Run[] }) {
  const [filter, setFilter] = useState<Filter>("all");
  const shown = runs.filter(PASSES[filter]);
  return (
    <section class="card sc flushc" aria-label="Runs">
      <div class="ch">
        <h3 class="grow">Runs</h3>
        <Segmented label="Which runs" value={filter} options={FILTERS} onChange={setFilter} />
      </div>
      {shown.length === 0 ? (
        <Empty icon="check" title={runs.length ? "No such run" : "No run yet"}>
          {runs.length ? "Every run is under All." : "The first begins by itself after connecting."}
        </Empty>
      ) : (
        <div class="tscroll" tabIndex={0} role="region" aria-label="Runs, newest first">
          <table class="tbl flush">
            <thead>
              <tr>
                <th>Started</th>
                <th>Run</th>
                <th class="r">Read</th>
                <th class="r">Changed</th>
                <th class="r">Drift found</th>
                <th class="r">Fixed</th>
                <th class="r">Took</th>
                <th>Result</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((run) => (
                <RunRow key={run.id} run={run} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function RunRow({ run }: { run: Run }) {
  return (
    <tr title={run.error || undefined}>
      <td title={full(run.started_at)}>{dayAndTime(run.started_at, now.value)}</td>
      <td>{kindName(run.kind)}</td>
      <td class="r">{count(run.done)}</td>
      <td class="r">{count(run.changed)}</td>
      <td class={run.drift ? "r drifted" : "r"}>{run.drift}</td>
      <td class="r">{run.fixed}</td>
      <td class="r muted">{run.ended_at ? took(run.started_at, run.ended_at) : ""}</td>
      <td>
        <Status look={result(run)} bare />
        {run.error && <p class="run-e">{run.error}</p>}
      </td>
    </tr>
  );
}
