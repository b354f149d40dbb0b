/** The last step of connecting: the widget on the storefront, green as soon as it was seen there, by itself. */

import { useEffect, useState } from "preact/hooks";
import { webAddress } from "../../address";
import { habits, hostOf } from "../../connecting";
import { get } from "../../http";
import { Icon } from "../../kit/Icon";
import { now } from "../../kit/now";
import { address } from "../../router";
import { type Connection, type Connector, detail, detailTime } from "../../shops";
import { ago } from "../../time";
import { useDesk } from "../../work";
import { Step } from "./Step";

interface Props {
  connection: Connection;
  connector: Connector;
  turn: boolean;
}

export function Storefront({ connection, connector, turn }: Props) {
  const { storefront } = habits(connector.name);
  const told = detailTime(connection, "embed_seen_at");
  const met = useSighting(hostOf(connection.shop), storefront !== null && told === null);
  if (!storefront) return null;
  const seen = told ?? met;
  const host = detail(connection, "embed_host") || hostOf(connection.shop);
  if (seen) {
    const beside = `seen on ${host}, ${ago(seen, now.value)}`;
    return <Step number={5} state="done" title={storefront.title} beside={beside} />;
  }
  return (
    <Step number={5} state={turn ? "now" : "todo"} title={storefront.title} beside={turn ? "" : storefront.hint}>
      {turn && (
        <>
          {storefront.how.map((text) => (
            <p class="muted stp-p" key={text}>
              {text}
            </p>
          ))}
          <Way connection={connection} editor={storefront.editor} />
          <p class="flex waiting" role="status">
            <span class="spin" />
            Waiting for your widget… this turns green by itself.
          </p>
        </>
      )}
    </Step>
  );
}

/** The shop's own theme editor, or the line to paste; the guide is at the head of the page. */
function Way({ connection, editor }: { connection: Connection; editor: string }) {
  const theme = webAddress(detail(connection, "theme_editor_url"));
  if (!editor) {
    return (
      <a class="btn primary" href={address({ screen: "settings", page: "install" })}>
        <Icon name="code" size={16} />
        The app id and the line
      </a>
    );
  }
  return (
    theme && (
      <a class="btn primary" href={theme} target="_blank" rel="noopener noreferrer">
        <Icon name="link" size={16} />
        {editor}
      </a>
    )
  );
}

interface Sighting {
  host: string;
  at: string;
}

/** When the widget was last seen on this host; for connectors that do not tell it themselves. */
function useSighting(host: string, wanted: boolean): string | null {
  const { news } = useDesk();
  const [at, setAt] = useState<string | null>(null);
  useEffect(() => {
    if (!wanted) return;
    get<{ sightings: Sighting[] }>("/console/api/install").then(
      ({ sightings }) => setAt((known) => known ?? sightings.find((one) => one.host === host)?.at ?? null),
      () => undefined, // the step waits for the next sighting
    );
    return news.subscribe((event) => {
      if (event?.type === "WidgetSeen" && event.host === host) setAt(new Date().toISOString());
    });
  }, [host, wanted, news]);
  return at;
}
