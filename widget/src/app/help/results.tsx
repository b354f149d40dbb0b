/** What a search has found, with the words that were sought; and a way to ask instead. */

import type { JSX } from "preact";
import { counted } from "../format";
import { Icon } from "../parts/icon";
import { Bones, State } from "../parts/states";
import { appearance, conversations, words } from "../state";
import { useChat } from "../use";
import { fill } from "../words";
import { found, query, search, type Hit } from "./data";
import { marked } from "./marks";

export function Results(): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const { state, items, words: sought } = found.value;
  const isOver = state === "ready";
  return (
    <>
      <p class="tally" role="status">{isOver ? counted(said.articles, items.length) : state === "loading" && !items.length ? said.loading : ""}</p>
      <div class="scroll">
        {items.length > 0 ? (
          <ul class="divided" aria-busy={!isOver}>
            {items.map((hit) => (
              <li key={hit.slug}>
                <HitRow hit={hit} sought={sought} />
              </li>
            ))}
          </ul>
        ) : state === "failed" ? (
          <State
            art="cloud"
            title={said.helpFailed}
            text={said.helpFailedHow}
            action={{ text: said.retry, icon: "sync", run: () => search(chat.widget, query.value, 0) }}
          />
        ) : isOver ? (
          <div class="nothing">
            <h2 dir="auto">{fill(said.noResults, { words: sought })}</h2>
            <p>{said.noResultsHow}</p>
          </div>
        ) : (
          <Bones rows={3} />
        )}
        <AskInstead sought={query.value.trim()} />
      </div>
    </>
  );
}

function HitRow({ hit, sought }: { hit: Hit; sought: string }): JSX.Element {
  const { chat } = useChat();
  return (
    <button class="row wordy" type="button" data-key={`article:${hit.slug}`} onClick={() => chat.showArticle(hit.slug)}>
      <span class="glyph">
        <Icon name="doc" size={18} />
      </span>
      <span class="main">
        <span class="t" dir="auto"><Marked text={hit.title} sought={sought} /></span>
        {hit.excerpt && <span class="s" dir="auto"><Marked text={hit.excerpt} sought={sought} /></span>}
        {hit.collection && <span class="in" dir="auto">{hit.collection}</span>}
      </span>
    </button>
  );
}

function Marked({ text, sought }: { text: string; sought: string }): JSX.Element {
  return <>{marked(text, sought).map((piece) => (piece.hit ? <mark>{piece.text}</mark> : piece.text))}</>;
}

/** The words become the first message of a conversation; they are sent only by the visitor's own hand. */
function AskInstead({ sought }: { sought: string }): JSX.Element | null {
  const { chat } = useChat();
  const said = words();
  const bot = appearance.value?.assistant || conversations.value.items.some((one) => one.answering === "assistant");
  if (!sought) return null;
  return (
    <div class="card instead">
      <button class="row" type="button" onClick={() => chat.showNew(sought)}>
        <span class="glyph accent">
          <Icon name={bot ? "spark" : "chat"} size={18} />
        </span>
        <span class="main">
          <span class="t">{bot ? said.askAssistant : said.askUs}</span>
          <span class="s" dir="auto">{fill(said.quoted, { words: sought })}</span>
        </span>
        <Icon name="right" flip />
      </button>
    </div>
  );
}
