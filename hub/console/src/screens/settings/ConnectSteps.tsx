/** The steps after the approval: permissions, the catalog as it arrives, the widget on the storefront. */

import { useState } from "preact/hooks";
import { webAddress } from "../../address";
import { scopeName } from "../../connecting";
import { words } from "../../http";
import { Icon } from "../../kit/Icon";
import { address } from "../../router";
import {
  type Card,
  connect,
  type Connection,
  type Connector,
  count,
  detail,
  details,
  type Live,
} from "../../shops";
import { clock } from "../../time";
import { problem } from "../../toast";
import { useDesk } from "../../work";
import { logOf, ProblemNotice, Progress } from "./ConnectionCard";
import { Step, Steps } from "./Step";
import { Storefront } from "./Storefront";

interface Props {
  card: Card;
  connector: Connector;
  may: boolean;
}

export function Settled({ card, connector, may }: Props) {
  const { connection } = card;
  const [going, setGoing] = useState(false); // without what is missing
  const missing = details(connection, "missing_scopes");
  const live = useDesk().shops.liveOf(card);
  const catalog = catalogState(card, live);
  const blocked = missing.length > 0 && !going;
  return (
    <div class="stack gap">
      <Steps>
        <Step number={1} state="done" title="Shop address" beside={<bdi>{connection.shop}</bdi>} />
        <Step number={2} state="done" title={`Approve in ${connector.title}`} beside={approvedAt(connection)} />
        {blocked ? (
          <Missing connection={connection} connector={connector} missing={missing} may={may} onGoOn={() => setGoing(true)} />
        ) : (
          <Step number={3} state="done" title="Check permissions" beside={granted(connection)} />
        )}
        <Step number={4} state={catalog === "failed" ? "bad" : catalog} title="Read the catalog" beside={catalogBeside(card, live)}>
          {catalog === "failed" && <ProblemNotice connection={connection} />}
          {catalog === "now" && live && <Progress live={live} />}
        </Step>
        <Storefront connection={connection} connector={connector} turn={!blocked && catalog === "done"} />
      </Steps>
      {catalog === "done" && !blocked && (
        <div class="flex">
          <a class="btn" href={address(logOf(connection))}>
            Sync log
          </a>
          <a class="btn" href={address({ screen: "settings", page: "integrations" })}>
            All integrations
          </a>
        </div>
      )}
    </div>
  );
}

function approvedAt(connection: Connection): string {
  const by = detail(connection, "approved_by");
  const at = clock(connection.created_at);
  return by ? `by ${by}, ${at}` : at;
}

function granted(connection: Connection): string {
  const asked = details(connection, "asked_scopes").length;
  const missing = details(connection, "missing_scopes").length;
  return asked ? `${asked - missing} of ${asked}` : "";
}

type CatalogState = "now" | "done" | "failed";

function catalogState({ connection, runs }: Card, live: Live | null): CatalogState {
  if (live) return live.state === "done" ? "done" : live.state === "failed" ? "failed" : "now";
  if (connection.synced_at) return "done";
  return runs.at(-1)?.state === "failed" ? "failed" : "now";
}

function catalogBeside(card: Card, live: Live | null): string {
  if (live && live.state !== "done") return "";
  const { products } = card.counts;
  if (products > 0) return `${count(products)} product${products === 1 ? "" : "s"} found`;
  return card.connection.synced_at ? "no product in this shop" : "waiting for its turn";
}

interface MissingProps {
  connection: Connection;
  connector: Connector;
  missing: readonly string[];
  may: boolean;
  onGoOn: () => void;
}

function Missing({ connection, connector, missing, may, onGoOn }: MissingProps) {
  const [busy, setBusy] = useState(false);
  const asked = details(connection, "asked_scopes");
  const names = missing.map(scopeName).join(", ").toLowerCase();
  const approve = async (): Promise<void> => {
    setBusy(true);
    try {
      const url = webAddress((await connect(connector.name, { shop: connection.shop })).redirect);
      if (url) return location.assign(url);
    } catch (error) {
      problem(words(error));
    }
    setBusy(false);
  };
  return (
    <Step number={3} state="bad" title="Check permissions" beside={granted(connection)}>
      <div class="notice negative">
        <Icon name="alert" size={16} />
        <p>
          <b>
            {connector.title} did not give us {names}.
          </b>{" "}
          {connection.problem?.text ?? "What depends on it stays empty until it is approved."}
        </p>
      </div>
      <ul class="perms">
        {(asked.length ? asked : missing).map((scope) => {
          const lacks = missing.includes(scope);
          return (
            <li key={scope} class={lacks ? "bad" : ""}>
              <Icon name={lacks ? "x" : "check"} size={16} />
              <span class="grow">
                {scopeName(scope)}
                {lacks && <span class="sr">, missing</span>}
              </span>
              <span class="mono quiet-t">{scope}</span>
            </li>
          );
        })}
      </ul>
      <div class="flex wrap">
        <button type="button" class="btn primary" disabled={busy || !may} onClick={approve}>
          Approve in {connector.title}
        </button>
        <button type="button" class="btn" onClick={onGoOn}>
          Go on without it
        </button>
      </div>
    </Step>
  );
}
