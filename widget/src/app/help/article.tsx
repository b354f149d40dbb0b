/** One article: what it says, whether that helped, and a way to ask about it. */

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ProductCard } from "../../../../chat/protocol";
import { counted, longDay, money } from "../format";
import { Back, Band } from "../parts/band";
import { Drawn, Icon } from "../parts/icon";
import { Bone, State } from "../parts/states";
import { safeUrl } from "../safe";
import { hasHelp, help, language, words, type Screen } from "../state";
import { useAfter, useChat } from "../use";
import { fill } from "../words";
import { articles, open, vote, votes, type Article } from "./data";
import { THUMB } from "./icons";
import { article as drawn } from "./markup";

export function ArticleScreen({ slug, from }: { slug: string; from: Screen }): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const { state, article } = articles.value.get(slug) ?? { state: "loading", article: null };
  useEffect(() => void open(chat.widget, slug), [slug]);
  const retry = { text: said.retry, icon: "sync" as const, run: () => void open(chat.widget, slug) };
  return (
    <>
      <Band>
        <Back to={from} />
        {article ? <p class="title mid" dir="auto">{article.collection || said.help}</p> : <h1 class="title mid">{said.help}</h1>}
      </Band>
      <div class="sheet">
        {article ? (
          <Read article={article} />
        ) : state === "missing" ? (
          <Missing />
        ) : state === "failed" ? (
          <State art="cloud" title={said.articleFailed} text={said.helpFailedHow} action={retry} />
        ) : (
          <ArticleBones />
        )}
      </div>
    </>
  );
}

function Read({ article }: { article: Article }): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const facts = [fill(said.updated, { day: longDay(article.updated_at) }), counted(said.minutes, Math.max(1, article.minutes))];
  return (
    <>
      <div class="scroll" tabIndex={0}>
        <article class="article">
          <div lang={article.locale} dir="auto">
            <h1>{article.title}</h1>
          </div>
          <p class="s">
            {facts.join(said.comma)}
            <Elsewhere locale={article.locale} />
          </p>
          <Body article={article} />
        </article>
        <Verdict article={article} />
      </div>
      <div class="foot edge">
        <button
          class="w-btn quiet grow"
          type="button"
          onClick={() => chat.showAbout({ slug: article.slug, title: article.title, excerpt: "" })}
        >
          <Icon name="chat" size={18} />
          {said.messageAbout}
        </button>
      </div>
    </>
  );
}

/** There is no text in the visitor's language: say in which one it is. */
function Elsewhere({ locale }: { locale: string }): JSX.Element | null {
  const own = language.value.locale;
  if (!locale || locale.split("-")[0] === own.split("-")[0]) return null;
  const name = new Intl.DisplayNames(own, { type: "language" }).of(locale) ?? locale;
  return <><br />{fill(words().otherLanguage, { language: name })}</>;
}

function Body({ article }: { article: Article }): JSX.Element {
  const { chat } = useChat();
  const { url } = help.value;
  const { placed, nodes } = useMemo(() => {
    const placed = new Set<string>();
    const product = (id: string): JSX.Element | null => {
      const card = article.products.find((one) => one.id === id);
      placed.add(id);
      return card ? <Product card={card} /> : null;
    };
    const nodes = drawn(article.html, {
      product,
      own: (address) => slugIn(address, [url, parent(article.url)]),
      open: (slug) => chat.showArticle(slug),
      newTab: words().opensNewTab,
    });
    return { placed, nodes };
  }, [article, url]);
  return (
    <div class="text" lang={article.locale} dir={article.locale.startsWith("ar") ? "rtl" : "ltr"}>
      {nodes}
      {article.products.filter((card) => !placed.has(card.id)).map((card) => (
        <Product key={card.id} card={card} />
      ))}
    </div>
  );
}

/** The slug of an address below one of the help centre's own. */
function slugIn(address: string, centres: string[]): string | null {
  for (const centre of centres) {
    const base = safeUrl(centre)?.replace(/\/*$/, "/");
    const rest = base && address.startsWith(base) ? address.slice(base.length) : "";
    const slug = /^([\w-]+)(?:[?#].*)?$/.exec(rest)?.[1];
    if (slug) return slug;
  }
  return null;
}

const parent = (address: string): string => address.replace(/[?#].*$/, "").replace(/\/[^/]*$/, "");

function Product({ card }: { card: ProductCard }): JSX.Element {
  const said = words();
  const url = safeUrl(card.url);
  const image = safeUrl(card.image_url);
  const inside = (
    <>
      {image ? (
        <img class="prod" src={image} alt="" loading="lazy" referrerpolicy="no-referrer" />
      ) : (
        <span class="prod none">
          <Icon name="box" size={24} />
        </span>
      )}
      <span class="b">
        <span class="t" dir="auto">{card.title}</span>
        <span class="pr">
          {card.price && <bdi>{money(card.price)}</bdi>}
          {!card.available && <span class="st"> {said.soldOut}</span>}
        </span>
      </span>
      {url && (
        <span class="go">
          <Icon name="link" size={18} />
          <span class="sr">{said.opensNewTab}</span>
        </span>
      )}
    </>
  );
  return url ? (
    <a class="p-card card flat" href={url} target="_blank" rel="noopener noreferrer">{inside}</a>
  ) : (
    <div class="p-card card flat">{inside}</div>
  );
}

function Verdict({ article }: { article: Article }): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const given = votes.value.get(article.slug);
  const answer = useRef<HTMLParagraphElement>(null);
  const ask = (helpful: boolean) => () => {
    vote(chat.widget, article, helpful);
    answer.current?.focus(); // the button is gone
  };
  return (
    <div class="verdict">
      <p role="status" tabIndex={-1} ref={answer}>{given === undefined ? said.didItHelp : given ? said.thanks : said.sorry}</p>
      {given === undefined && (
        <span class="two">
          <button class="w-btn outline sm" type="button" onClick={ask(true)}>
            <Drawn path={THUMB} size={18} />
            {said.yes}
          </button>
          <button class="w-btn outline sm" type="button" onClick={ask(false)}>{said.no}</button>
        </span>
      )}
    </div>
  );
}

/** A slug that leads nowhere: whoever came here still gets help. */
function Missing(): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const action = hasHelp.value
    ? { text: said.searchHelp, icon: "search" as const, run: () => chat.show({ name: "help", seek: true }) }
    : { text: said.sendUs, icon: "chat" as const, run: () => chat.showNew() };
  return <State art="talk" title={said.articleMissing} text={said.articleMissingHow} action={action} />;
}

const LINES = ["94%", "88%", "97%", "62%"];

function ArticleBones(): JSX.Element {
  const late = useAfter(true, 150);
  return (
    <div class="article" aria-busy="true">
      <span class="sr" role="status">{words().loading}</span>
      {late && (
        <div class="lines">
          <Bone width="80%" height={22} />
          <Bone width="46%" height={12} />
          {[...LINES, ...LINES].map((width, line) => (
            <Bone key={line} width={width} height={14} />
          ))}
        </div>
      )}
    </div>
  );
}
