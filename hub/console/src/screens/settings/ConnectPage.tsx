/** Connecting a shop, step by step, with what to do beside it when it does not work. */

import { useEffect, useState } from "preact/hooks";
import { webAddress } from "../../address";
import { troubles } from "../../connecting";
import { Icon } from "../../kit/Icon";
import { Empty, Failed, Skeleton } from "../../kit/States";
import { address } from "../../router";
import { isAdmin } from "../../session";
import { type Card, type Connector, detail, details } from "../../shops";
import { useDesk } from "../../work";
import { Claim } from "./Claim";
import { ConnectForm } from "./ConnectForm";
import { Answered, Diagnosis } from "./Diagnosis";
import { Head } from "./Head";
import { Settled } from "./ConnectSteps";

interface Props {
  connector: string;
  query: string;
}

const BACK = address({ screen: "settings", page: "integrations" });

export function ConnectPage({ connector: name, query }: Props) {
  const { shops } = useDesk();
  useEffect(() => shops.want(), [shops]);
  const at = shops.loaded.value;
  if (at.state === "ready") {
    const connector = at.value.connectors.find((one) => one.name === name);
    if (!connector?.connects) return <NoSuch name={name} />;
    return <Page connector={connector} cards={at.value.connections} said={new URLSearchParams(query)} />;
  }
  return (
    <div class="scroll">
      <div class="sbody wide">
        <Head title="Connect a shop" about="One approval in the shop, about two minutes." back={BACK} />
        {at.state === "loading" ? (
          <Skeleton rows={5} />
        ) : (
          <Failed title="This page did not load" problem={at.problem} onRetry={() => shops.load()} />
        )}
      </div>
    </div>
  );
}

function NoSuch({ name }: { name: string }) {
  const back = (
    <a class="btn" href={BACK}>
      All integrations
    </a>
  );
  return (
    <Empty icon="link" title={`Nothing is called “${name}” here`} action={back}>
      Its plugin may be switched off on this hub.
    </Empty>
  );
}

interface PageProps {
  connector: Connector;
  cards: readonly Card[];
  said: URLSearchParams;
}

function Page({ connector, cards, said }: PageProps) {
  const may = isAdmin(useDesk().me);
  const offer = new URLSearchParams(location.hash.slice(1)).get("offer"); // never sent to a server
  const card = cards.find(({ connection }) => connection.id === said.get("connection"));
  const problem = said.get("problem") ?? "";
  const [met, setMet] = useState(""); // a trouble of this visit, that is explained beside the form
  const about = card ? connected(card) : "One approval in the shop, about two minutes.";
  return (
    <div class="scroll">
      <div class="sbody wide">
        <Head
          title={card ? `Connect ${card.connection.title}` : `Connect ${connector.title}`}
          about={about}
          back={BACK}
          actions={connector.documentation && <Manual link={connector.documentation} />}
        />
        {!may && <p class="notice info">Only admins and owners can connect a shop.</p>}
        {offer ? (
          <Claim offer={offer} connector={connector} may={may} />
        ) : (
          <div class="two cx">
            {card ? (
              <Settled card={card} connector={connector} may={may} />
            ) : (
              <ConnectForm connector={connector} shop={said.get("shop") ?? ""} problem={problem} may={may} onTrouble={setMet} />
            )}
            {card && lacks(card) && <Answered card={card} title={connector.title} />}
            {!card && <Diagnosis connector={connector.name} title={connector.title} open={known(connector.name, met) ?? problem} detail={said.get("detail") ?? ""} />}
          </div>
        )}
      </div>
    </div>
  );
}

/** A field that was filled in wrong says so by itself: only what needs explaining is opened. */
const known = (connector: string, code: string): string | undefined =>
  troubles("", connector).find((one) => one.code === code)?.code;

/** Whether the shop allowed less than was asked. */
const lacks = ({ connection }: Card): boolean => details(connection, "missing_scopes").length > 0;

function connected({ connection }: Card): string {
  if (connection.problem) return "One thing left to put right.";
  return detail(connection, "embed_seen_at") ? "Everything is in place." : "Connected. The rest goes by itself.";
}

function Manual({ link }: { link: string }) {
  const url = webAddress(link) ?? (link.startsWith("/") ? link : null);
  if (!url) return null;
  return (
    <a class="btn not-phone" href={url} target="_blank" rel="noopener noreferrer">
      <Icon name="book" size={16} />
      Guide
    </a>
  );
}
