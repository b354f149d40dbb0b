/** The help centre inside the widget: its collections, one of them, a search, and an article. */

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { counted } from "../format";
import { Back, Band, Tabs } from "../parts/band";
import { Drawn, Icon } from "../parts/icon";
import { adopt } from "../parts/later";
import { Bones, State } from "../parts/states";
import { help, language, open, words, type ArticleLink, type Screen } from "../state";
import { useChat } from "../use";
import { ArticleScreen } from "./article";
import { query, search } from "./data";
import styles from "./help.css?inline";
import { pathOf } from "./icons";
import { Results } from "./results";

adopt(styles);

type Now = Extract<Screen, { name: "help" | "collection" | "article" }>;

export function HelpScreens({ now }: { now: Now }): JSX.Element {
  if (now.name === "article") return <ArticleScreen slug={now.slug} from={now.from} />;
  if (now.name === "collection") return <CollectionScreen id={now.id} />;
  return <HelpScreen seek={!!now.seek} />;
}

function HelpScreen({ seek }: { seek: boolean }): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const isSearching = query.value !== "";
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (seek && open.value) box.current?.focus();
  }, [seek, open.value]);
  const leave = (): void => {
    search(chat.widget, "");
    box.current?.focus();
  };
  return (
    <>
      <Band>
        {isSearching && (
          <button class="ib" type="button" aria-label={said.back} onClick={leave}>
            <Icon name="left" flip />
          </button>
        )}
        <h1 class={isSearching ? "title mid" : "title"}>{said.help}</h1>
      </Band>
      <div class="sheet">
        <SearchBox box={box} leave={leave} />
        {isSearching ? <Results /> : <Collections />}
      </div>
      <Tabs />
    </>
  );
}

function SearchBox({ box, leave }: { box: { current: HTMLInputElement | null }; leave(): void }): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const { total } = help.value;
  const label = total ? counted(said.searchArticles, total) : said.searchHelp;
  const key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Enter") search(chat.widget, query.value, 0);
    if (event.key !== "Escape" || !query.value) return;
    event.stopPropagation(); // clears the search first, and closes the panel the next time
    leave();
  };
  return (
    <div class="seek" role="search">
      <div class="w-field">
        <Icon name="search" size={18} />
        <input
          type="search"
          ref={box}
          dir={query.value ? "auto" : language.value.direction}
          maxLength={200}
          enterkeyhint="search"
          autocomplete="off"
          aria-label={label}
          placeholder={label}
          value={query.value}
          onInput={(event) => search(chat.widget, event.currentTarget.value)}
          onKeyDown={key}
        />
        {query.value && (
          <button class="clear" type="button" aria-label={said.clearSearch} onClick={leave}>
            <Icon name="x" size={16} />
          </button>
        )}
      </div>
    </div>
  );
}

function Collections(): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const { state, collections } = help.value;
  if (!collections.length && state === "failed") {
    const retry = { text: said.retry, icon: "sync" as const, run: () => chat.refreshHelp() };
    return <State art="cloud" title={said.helpFailed} text={said.helpFailedHow} action={retry} />;
  }
  if (!collections.length && state !== "ready") return <Bones rows={5} />;
  if (!collections.length) {
    const ask = { text: said.sendUs, icon: "chat" as const, run: () => chat.showNew() };
    return <State art="talk" title={said.helpEmpty} text={said.helpEmptyHow} action={ask} />;
  }
  return (
    <div class="scroll">
      <ul class="divided">
        {collections.map((one) => (
          <li key={one.id}>
            <button
              class="row"
              type="button"
              data-key={`collection:${one.id}`}
              onClick={() => chat.show({ name: "collection", id: one.id })}
            >
              <span class="glyph accent">
                <Drawn path={pathOf(one.icon)} size={18} />
              </span>
              <span class="main">
                <span class="t" dir="auto">{one.name}</span>
                <span class="s">{counted(said.articles, one.articles.length)}</span>
              </span>
              <Icon name="right" flip />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function CollectionScreen({ id }: { id: string }): JSX.Element {
  const said = words();
  const one = help.value.collections.find((one) => one.id === id);
  return (
    <>
      <Band>
        <Back to={{ name: "help" }} />
        <h1 class="title mid" dir="auto">{one?.name ?? said.help}</h1>
      </Band>
      <div class="sheet">
        <div class="scroll">
          <p class="tally">{counted(said.articles, one?.articles.length ?? 0)}</p>
          <ul class="divided">
            {one?.articles.map((article) => (
              <li key={article.slug}>
                <ArticleRow article={article} />
              </li>
            ))}
          </ul>
        </div>
      </div>
      <Tabs />
    </>
  );
}

function ArticleRow({ article }: { article: ArticleLink }): JSX.Element {
  const { chat } = useChat();
  return (
    <button class="row wordy" type="button" data-key={`article:${article.slug}`} onClick={() => chat.showArticle(article.slug)}>
      <span class="main">
        <span class="t" dir="auto">{article.title}</span>
        {article.excerpt && <span class="s" dir="auto">{article.excerpt}</span>}
      </span>
      <Icon name="right" size={18} flip />
    </button>
  );
}
