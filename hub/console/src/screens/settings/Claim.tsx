/** A shop that was installed from the vendor's side and wants to join this workspace. */

import { useState } from "preact/hooks";
import { allowed } from "../../connecting";
import { post, words } from "../../http";
import { Icon } from "../../kit/Icon";
import { Failed, Skeleton } from "../../kit/States";
import { Tile } from "../../kit/Tile";
import { useLoaded } from "../../loaded";
import { address, go } from "../../router";
import { claim, type Connector } from "../../shops";
import { done } from "../../toast";
import { useDesk } from "../../work";

interface Props {
  offer: string;
  connector: Connector;
  may: boolean;
}

interface Offer {
  connector: string;
  shop: string;
  title: string;
}

export function Claim({ offer, connector, may }: Props) {
  const loading = useLoaded(() => post<Offer>("/console/api/integrations/offer", { offer }));
  const at = loading.at.value;
  if (!may) return <p class="muted">Ask an admin or the owner to open this page.</p>;
  if (at.state === "loading") return <Skeleton rows={2} />;
  if (at.state === "failed") {
    return <Failed title="This shop cannot be added" problem={at.problem} onRetry={() => loading.load()} />;
  }
  return <Question offer={offer} of={at.value} connector={connector} />;
}

function Question({ offer, of: shop, connector }: { offer: string; of: Offer; connector: Connector }) {
  const { me, shops } = useDesk();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const join = async (): Promise<void> => {
    setBusy(true);
    try {
      const { connection } = await claim(offer);
      done(`${shop.title} joined ${me.workspace.name}`);
      await shops.load();
      const within = ["connect", connector.name];
      go({ screen: "settings", page: "integrations", within, query: `connection=${connection}` }, { replace: true });
    } catch (error) {
      setRefused(words(error));
      setBusy(false);
    }
  };
  return (
    <section class="card sc claim" aria-label="A shop wants to join">
      <div class="flex conn-h">
        <Tile connector={connector.name} />
        <div class="grow">
          <h3>This shop wants to join {me.workspace.name}</h3>
          <p class="muted clip">
            <bdi>{shop.title}</bdi>, <bdi>{shop.shop}</bdi>
          </p>
        </div>
      </div>
      <p>
        Parley was installed in {connector.title}. Its products, orders and customers will be seen by everybody in{" "}
        {me.workspace.name}, and by nobody else.
      </p>
      <ul class="perms">
        {allowed(connector).map(({ label, access }) => (
          <li key={label}>
            <Icon name="check" size={16} />
            <span class="grow">{label}</span>
            <span class="quiet-t">{access}</span>
          </li>
        ))}
      </ul>
      {refused && (
        <p class="hint bad" role="alert">
          <Icon name="alert" size={14} />
          {refused}
        </p>
      )}
      <div class="flex">
        <button type="button" class="btn primary" disabled={busy} onClick={join}>
          Add to {me.workspace.name}
        </button>
        <a class="btn" href={address({ screen: "settings", page: "integrations" })}>
          Not now
        </a>
      </div>
    </section>
  );
}
