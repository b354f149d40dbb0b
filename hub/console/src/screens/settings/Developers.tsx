/** Settings → Developers: keys for the Customer-Data API, and how a request looks. */

import { useState } from "preact/hooks";
import { get } from "../../http";
import { Code, CopyButton } from "../../kit/Code";
import { Icon } from "../../kit/Icon";
import { Menu } from "../../kit/Menu";
import { now } from "../../kit/now";
import { Empty, Failed, Skeleton } from "../../kit/States";
import { type ApiKey, keys, type MadeKey } from "../../keys";
import { useLoaded } from "../../loaded";
import { isAdmin } from "../../session";
import { curl } from "../../snippets";
import { ago, day, full } from "../../time";
import { useDesk } from "../../work";
import { Head } from "./Head";
import { KeyOnce, NewKey, Revoke, Rotate, Scopes } from "./KeyDialogs";

type Asking = { what: "new" } | { what: "once"; made: MadeKey } | { what: "rotate" | "revoke"; key: ApiKey } | null;

export function Developers() {
  const { me } = useDesk();
  const loading = useLoaded(keys);
  const host = useLoaded(async () => new URL((await get<{ script_url: string }>("/console/api/install")).script_url).origin);
  const [asking, setAsking] = useState<Asking>(null);
  const at = loading.at.value;
  const api = host.at.value.state === "ready" ? host.at.value.value : location.origin;
  const may = isAdmin(me);

  const made = (key: MadeKey): void => {
    setAsking({ what: "once", made: key });
    void loading.load();
  };
  const close = (): void => setAsking(null);

  return (
    <div class="scroll">
      <div class="sbody wide">
        <Head
          title="Developers"
          about="Keys for the Customer-Data API."
          actions={
            <a class="btn" href="/docs" target="_blank" rel="noopener">
              <Icon name="book" size={16} />
              API reference
            </a>
          }
        />
        <section class="card sc flushc" aria-label="API keys">
          <div class="ch">
            <div class="grow">
              <h3>API keys</h3>
              <p>Server side only. Each belongs to {me.workspace.name} and to no other workspace.</p>
            </div>
            {may && (
              <button type="button" class="btn primary" onClick={() => setAsking({ what: "new" })}>
                <Icon name="plus" size={16} />
                New key
              </button>
            )}
          </div>
          {!may && <p class="hint inset">Only admins and owners can make or revoke keys.</p>}
          {at.state === "loading" && <Skeleton rows={3} />}
          {at.state === "failed" && (
            <Failed title="The keys did not load" problem={at.problem} onRetry={() => loading.load()} />
          )}
          {at.state === "ready" && <Table keys={at.value} may={may} ask={setAsking} />}
        </section>
        <Try api={api} />
      </div>
      {asking?.what === "new" && <NewKey onMade={made} onClose={close} />}
      {asking?.what === "once" && <KeyOnce made={asking.made} api={api} onClose={close} />}
      {asking?.what === "rotate" && <Rotate of={asking.key} onMade={made} onClose={close} />}
      {asking?.what === "revoke" && (
        <Revoke
          of={asking.key}
          onClose={close}
          onRevoked={() => {
            close();
            void loading.load();
          }}
        />
      )}
    </div>
  );
}

interface TableProps {
  keys: readonly ApiKey[];
  may: boolean;
  ask: (asking: Asking) => void;
}

function Table({ keys, may, ask }: TableProps) {
  if (keys.length === 0) {
    return (
      <Empty icon="key" title="No key yet">
        Make one, and your server can push customers, records and products.
      </Empty>
    );
  }
  return (
    <div class="tscroll" tabIndex={0} role="region" aria-label="Keys">
      <table class="tbl flush">
        <thead>
          <tr>
            <th>Name</th>
            <th>Key</th>
            <th>Scopes</th>
            <th>Created</th>
            <th>Last used</th>
            <th>
              <span class="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.id} of={key} may={may} ask={ask} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function KeyRow({ of: key, may, ask }: { of: ApiKey } & Omit<TableProps, "keys">) {
  const revoked = key.revoked_at !== null;
  return (
    <tr class={revoked ? "gone" : ""}>
      <td>
        <b>{key.name}</b>
      </td>
      <td class="mono">{key.hint}</td>
      <td>
        <Scopes scopes={key.scopes} />
      </td>
      <td class="muted" title={full(key.created_at)}>
        {day(key.created_at, now.value)}
        {key.created_by && `, ${key.created_by}`}
      </td>
      <td>{revoked ? <Revoked at={key.revoked_at!} /> : <LastUsed at={key.last_used_at} />}</td>
      <td class="r">
        {may && !revoked && (
          <Menu
            class="btn ghost icon sm"
            label={`More for ${key.name}`}
            align="end"
            button={<Icon name="dots" size={16} />}
            items={[
              { label: "Rotate…", icon: "sync", pick: () => ask({ what: "rotate", key }) },
              { label: "Revoke…", icon: "trash", danger: true, pick: () => ask({ what: "revoke", key }) },
            ]}
          />
        )}
      </td>
    </tr>
  );
}

function LastUsed({ at }: { at: string | null }) {
  return at ? <span title={full(at)}>{ago(at, now.value)}</span> : <span class="never">never</span>;
}

function Revoked({ at }: { at: string }) {
  return (
    <span class="pill neutral noicon" title={full(at)}>
      Revoked
    </span>
  );
}

function Try({ api }: { api: string }) {
  const text = curl(api, "wgk_YOUR_KEY");
  return (
    <section class="card sc" aria-label="Try it">
      <div class="ch">
        <div class="grow">
          <h3>Try it</h3>
          <p>Pushes one deposit of customer 42. It appears beside their conversation at once.</p>
        </div>
        <CopyButton text={text} />
      </div>
      <Code text={text} label="Example request" />
    </section>
  );
}

