/** Settings → Install: the snippet, whether it has been seen, and the secret that proves customers. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../../http";
import { Code, CopyButton } from "../../kit/Code";
import { Segmented } from "../../kit/Choice";
import { Icon } from "../../kit/Icon";
import { now } from "../../kit/now";
import { Failed, Skeleton } from "../../kit/States";
import { useLoaded } from "../../loaded";
import { html, type Ids, widgetId, wooCommerce } from "../../snippets";
import { ago, since } from "../../time";
import { useDesk } from "../../work";
import { Head } from "./Head";
import { HashCheck } from "./HashCheck";
import { IdentitySecret, type SecretState } from "./IdentitySecret";

interface Sighting {
  host: string;
  path: string;
  at: string;
}

interface Installation {
  app_id: string;
  widget_id: string;
  script_url: string;
  sightings: Sighting[];
  identity_secret: SecretState;
}

export function Install() {
  const desk = useDesk();
  const loading = useLoaded(() => get<Installation>("/console/api/install"));
  const at = loading.at.value;

  useEffect(
    () =>
      desk.news.subscribe((event) => {
        if (event?.type !== "WidgetSeen") return;
        const seen = { host: event.host, path: event.path, at: new Date().toISOString() };
        loading.change((install) => ({ ...install, sightings: withSighting(install.sightings, seen) }));
      }),
    [desk],
  );

  return (
    <div class="scroll">
      <div class="sbody">
        <Head title="Install" about="Paste it before the closing body tag. It never blocks your page." />
        {at.state === "loading" && <Skeleton rows={4} />}
        {at.state === "failed" && (
          <Failed title="This page did not load" problem={at.problem} onRetry={() => loading.load()} />
        )}
        {at.state === "ready" && (
          <>
            <Snippet
              ids={{
                scriptUrl: at.value.script_url,
                appId: at.value.app_id,
                widgetId: at.value.widget_id,
              }}
            />
            <Seen sightings={at.value.sightings} />
            <section class="card sc" aria-label="Identity secret">
              <IdentitySecret state={at.value.identity_secret} onRotated={() => loading.load()} />
              <HashCheck />
            </section>
          </>
        )}
      </div>
    </div>
  );
}

/** The newest first, each page once. */
function withSighting(known: readonly Sighting[], seen: Sighting): Sighting[] {
  return [seen, ...known.filter((one) => one.host !== seen.host || one.path !== seen.path)].slice(0, 20);
}

const TABS = [
  { value: "html", label: "HTML" },
  { value: "woocommerce", label: "WooCommerce" },
  { value: "widget", label: "Widget id" },
] as const;

type Tab = (typeof TABS)[number]["value"];

function Snippet({ ids }: { ids: Ids }) {
  const [tab, setTab] = useState<Tab>("html");
  const text = { html, woocommerce: wooCommerce, widget: widgetId }[tab](ids);
  return (
    <section class="card sc" aria-label="Your snippet">
      <div class="ch">
        <h3>Your snippet</h3>
      </div>
      <div class="flex between snip">
        <Segmented label="Where it goes" value={tab} options={TABS} tabs onChange={setTab} />
        <CopyButton text={text} />
      </div>
      <Code text={text} label="Snippet" />
      <Hint tab={tab} />
    </section>
  );
}

function Hint({ tab }: { tab: Tab }) {
  if (tab === "woocommerce") {
    return (
      <p class="hint">
        Put the HTML snippet into your theme’s header, and this into the child theme’s <span class="mono">functions.php</span>,
        with your identity secret and a key from <a href="/console/settings/developers">Developers</a> in it. Does a cache
        keep your pages? Leave signed-in customers out of it, or identify them from an address that is never cached: a
        stored page would greet everyone as the same customer. See the{" "}
        <a href="/docs" target="_blank" rel="noopener">
          documentation
        </a>
        .
      </p>
    );
  }
  if (tab === "widget") {
    return <p class="hint">For pages that were made for a widget id. It shows the same widget as the HTML snippet.</p>;
  }
  return (
    <p class="hint">
      The first part keeps what your page says before the widget has loaded. Place the bubble left, or away from a cookie
      banner, with <span class="mono">data-position</span>, <span class="mono">data-offset-x</span> and{" "}
      <span class="mono">data-offset-y</span>.
    </p>
  );
}

function Seen({ sightings }: { sightings: readonly Sighting[] }) {
  const newest = sightings[0];
  if (!newest) {
    return (
      <section class="card sc" aria-label="Waiting for your widget">
        <div class="flex seen-h" role="status">
          <span class="radar wait">
            <span class="spin" />
          </span>
          <div class="grow">
            <h3>Waiting for your widget…</h3>
            <p class="muted">Open a page that has the snippet in it. This turns green by itself.</p>
          </div>
        </div>
      </section>
    );
  }
  return (
    <section class="card sc" aria-label="We have seen your widget">
      <div class="flex seen-h" role="status">
        <span class="radar">
          <Icon name="check" />
        </span>
        <div class="grow">
          <h3>We have seen your widget</h3>
          <p class="muted">
            on {newest.host}, {ago(newest.at, now.value)}
          </p>
        </div>
        <a class="btn" href={pageAddress(newest)} target="_blank" rel="noopener noreferrer">
          <Icon name="link" size={16} />
          Open page
        </a>
      </div>
      <ul class="seenl">
        {sightings.slice(0, 6).map((one) => (
          <li key={one.host + one.path}>
            <Icon name="check" size={14} />
            <span class="clip host">{one.host}</span>
            <span class="muted clip grow path">{one.path}</span>
            <time class="quiet-t num" dateTime={one.at}>
              {since(one.at, now.value)}
            </time>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A sighting knows no port and no scheme: a shop on one's own machine has neither the usual one nor a certificate. */
function pageAddress({ host, path }: Sighting): string {
  if (host === location.hostname) return location.origin + path;
  return `${/^(localhost$|127\.)/.test(host) ? "http" : "https"}://${host}${path}`;
}
