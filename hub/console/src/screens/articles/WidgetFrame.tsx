/** The article as the widget shows it: the hub's sanitised words in a frame where no script runs. */

import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import helpUrl from "../../../../../widget/src/app/help/help.css?url";
import appUrl from "../../../../../widget/src/app/styles/app.css?url";
import tokensUrl from "../../../../../widget/src/app/styles/tokens.css?url";
import widgetUrl from "../../../../../widget/src/app/styles/widget.css?url";
import frameUrl from "./frame.css?url";
import type { Appearance } from "../../../../../chat/protocol";
import { LANGUAGES, type Locale, minutes, type Preview, preview } from "../../articles";
import { get, words } from "../../http";
import { Icon } from "../../kit/Icon";
import { day } from "../../time";
import { useDesk } from "../../work";
import { paint, Sheet } from "./Sheet";

interface Props {
  title: string;
  body: string;
  collection: string;
  locale: Locale;
  updated: string | null;
  shown: boolean;
  close: () => void;
}

const PAUSE = 350;

/**
 * The frame may be written by us (same origin) and may run nothing (no scripts): so it is filled in
 * place, and neither its scroll nor its pictures jump at every letter.
 */
const SANDBOX = "allow-same-origin";

const PAGE = `<!doctype html><html><head><meta charset="utf-8">${[tokensUrl, widgetUrl, appUrl, helpUrl, frameUrl]
  .map((url) => `<link rel="stylesheet" href="${url}">`)
  .join("")}</head><body></body></html>`;

export function WidgetFrame({ title, body, collection, locale, updated, shown, close }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [ready, setReady] = useState(0);
  const [dark, setDark] = useState(document.documentElement.dataset.theme === "dark");
  const [problem, made] = usePreview(body);
  const look = useLook();
  useEffect(() => {
    const page = frame.current?.contentDocument;
    if (!page?.body || !ready) return;
    page.documentElement.dataset.theme = dark ? "dark" : "light";
    if (look) paint(page, look);
    const facts = [updated ? `Updated ${day(updated)}` : "", minutes(body)].filter(Boolean).join(", ");
    render(<Sheet title={title} collection={collection} facts={facts} locale={locale} made={made} />, page.body);
  }, [ready, dark, title, collection, made, look, locale]);
  return (
    <aside class={shown ? "pane pv-pane art shown" : "pane pv-pane art"} aria-label="Live preview">
      <div class="bar">
        <h2>Live preview</h2>
        <span class="quiet-t grow clip">as in the widget</span>
        {problem && (
          <span class="pv-bad" role="status" title={problem}>
            <Icon name="alert" size={16} />
            <span class="sr">The preview is behind: {problem}</span>
          </span>
        )}
        <button type="button" class="btn ghost icon" aria-label={dark ? "Preview in light" : "Preview in dark"} onClick={() => setDark(!dark)}>
          <Icon name={dark ? "sun" : "moon"} />
        </button>
        <button type="button" class="btn ghost icon only-narrow" aria-label="Close the preview" onClick={close}>
          <Icon name="x" />
        </button>
      </div>
      <div class="pv-stage">
        <iframe
          ref={frame}
          class="pvf"
          title={`The article in the widget, in ${LANGUAGES[locale]}`}
          sandbox={SANDBOX}
          srcdoc={PAGE}
          onLoad={() => setReady(ready + 1)}
        />
      </div>
    </aside>
  );
}

/** The newest text that the hub has made into a page, and why it is not the newest. */
function usePreview(body: string): [string, Preview] {
  const [made, setMade] = useState<Preview>({ html: "", products: [] });
  const [problem, setProblem] = useState("");
  const first = useRef(true);
  useEffect(() => {
    const abort = new AbortController();
    const ask = (): void => {
      preview(body, abort.signal).then(
        (answer) => (setMade(answer), setProblem("")),
        (error) => abort.signal.aborted || setProblem(words(error)),
      );
    };
    const clock = setTimeout(ask, first.current ? 0 : PAUSE);
    first.current = false;
    return () => {
      clearTimeout(clock);
      abort.abort();
    };
  }, [body]);
  return [problem, made];
}

/** The workspace's own widget: its colours. Without it, ours. */
function useLook(): Appearance | null {
  const { me } = useDesk();
  const [look, setLook] = useState<Appearance | null>(null);
  useEffect(() => {
    get<Appearance>(`/api/v1/widget/${encodeURIComponent(me.workspace.app_id)}`).then(setLook, () => undefined);
  }, []);
  return look;
}
