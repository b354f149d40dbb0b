/** Settings → Integrations: connected shops and how they are, those that need somebody first. */

import { useEffect } from "preact/hooks";
import { Icon } from "../../kit/Icon";
import { now } from "../../kit/now";
import { Failed, SkeletonCards } from "../../kit/States";
import { Status } from "../../kit/Status";
import { Tile } from "../../kit/Tile";
import { address, type SettingsPlace } from "../../router";
import { isAdmin } from "../../session";
import { byUrgency, type Connector, count, type Integrations as All, LEVELS, summary } from "../../shops";
import { ago } from "../../time";
import { useDesk } from "../../work";
import { ConnectionCard, Facts } from "./ConnectionCard";
import { ConnectPage } from "./ConnectPage";
import { Head } from "./Head";
import { SyncLog } from "./SyncLog";
import "./integrations.css";

export function Integrations({ at }: { at: SettingsPlace }) {
  const [first, second] = at.within ?? [];
  if (first === "connect" && second) return <ConnectPage key={second} connector={second} query={at.query ?? ""} />;
  if (first) return <SyncLog key={first} id={first} />;
  return <Overview />;
}

function Overview() {
  const { shops } = useDesk();
  useEffect(() => shops.want(), [shops]);
  const at = shops.loaded.value;
  return (
    <div class="scroll">
      <div class="sbody wide">
        <Head
          title="Integrations"
          about={at.state === "ready" ? summary(at.value.connections) : "The shops that answer in Parley."}
        />
        {at.state === "loading" && <SkeletonCards cards={4} />}
        {at.state === "failed" && (
          <Failed title="The connections did not load" problem={at.problem} onRetry={() => shops.load()} />
        )}
        {at.state === "ready" && <Cards all={at.value} />}
      </div>
    </div>
  );
}

function Cards({ all }: { all: All }) {
  const may = isAdmin(useDesk().me);
  return (
    <div class="conns">
      {byUrgency(all.connections).map((card) => (
        <ConnectionCard
          key={card.connection.id}
          card={card}
          connector={all.connectors.find((one) => one.name === card.connection.connector)}
          may={may}
        />
      ))}
      <OwnServer of={all.customer_data} />
      {may ? (
        <Add connectors={all.connectors.filter((one) => one.connects)} first={all.connections.length === 0} />
      ) : (
        <section class="card conn add" aria-label="Add a connection">
          <h3>Add a connection</h3>
          <p class="muted">Only admins and owners can connect shops.</p>
        </section>
      )}
    </div>
  );
}

function OwnServer({ of: own }: { of: All["customer_data"] }) {
  const used = own.last_push_at !== null;
  return (
    <section class="card conn" aria-label="Customer-Data API">
      <div class="flex conn-h">
        <Tile connector="customer_data" />
        <div class="grow">
          <h3>Customer-Data API</h3>
          <p class="muted clip">
            {own.keys === 1 ? "1 key" : `${count(own.keys)} keys`}, your own server
          </p>
        </div>
        {used && <Status look={LEVELS.connected} />}
      </div>
      <Facts
        facts={[
          ["Customers", count(own.counts.customers)],
          ["Records", count(own.counts.records)],
          ["Products", count(own.counts.products)],
          ["Last push", own.last_push_at ? ago(own.last_push_at, now.value) : "never"],
        ]}
      />
      <div class="flex conn-b">
        <a class="btn sm" href={address({ screen: "settings", page: "developers" })}>
          Manage keys
        </a>
      </div>
    </section>
  );
}

const OWN_SERVER = { name: "customer_data", title: "Customer-Data API", summary: "Push from your own server." };

function Add({ connectors, first }: { connectors: readonly Connector[]; first: boolean }) {
  const found = connectors.map(({ name, title, summary: about }) => ({ name, title, summary: about }));
  return (
    <section class="card conn add" aria-label="Add a connection">
      <div>
        <h3>{first ? "Connect your first shop" : "Add a connection"}</h3>
        <p class="muted">One approval in the shop. No theme editing.</p>
      </div>
      <ul class="adds">
        {[...found, OWN_SERVER].map(({ name, title, summary: about }) => (
          <li key={name}>
            <a class="addb" href={address(name === OWN_SERVER.name ? { screen: "settings", page: "developers" } : connecting(name))}>
              <Tile connector={name} />
              <span class="grow">
                <b>{title}</b>
                <span class="muted">{about}</span>
              </span>
              <Icon name="right" size={16} flip />
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

const connecting = (name: string): SettingsPlace => ({ screen: "settings", page: "integrations", within: ["connect", name] });
