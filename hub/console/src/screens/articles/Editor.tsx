/** An article in one language: its words, their state, and what is done with them. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { type Article, homeOf, isPublic, LANGUAGES, type Locale, saveText, shelfName, type Text, text as read, TEXT_STATES, textState, type Tree } from "../../articles";
import { Icon } from "../../kit/Icon";
import { Status } from "../../kit/Status";
import { useUnsavedWarning } from "../../kit/Unsaved";
import { Manuscript } from "../../manuscript";
import { address, type ArticlesPlace } from "../../router";
import { useDesk } from "../../work";
import { Facts, Foot, Languages, Overtaken, Saved } from "./around";
import { More, Publish } from "./deeds";
import { MarkdownArea } from "./MarkdownArea";
import { WidgetFrame } from "./WidgetFrame";

interface Props {
  at: ArticlesPlace;
  article: Article;
  locale: Locale;
  tree: Tree | null;
  keep: (text: Text) => void; // what the hub has saved: nobody is told of every letter
  fresh: () => Promise<void>;
}

export function Editor({ at, article, locale, tree, keep, fresh }: Props) {
  const { me } = useDesk();
  const text = article.texts[locale];
  const paper = useMemo(() => {
    const save: typeof saveText = async (...what) => {
      const saved = await saveText(...what);
      keep(saved);
      return saved;
    };
    return new Manuscript(localStorage, me.agent.id, article.id, locale, text, { save, read });
  }, []);
  const [shown, setShown] = useState(false); // the preview, where there is no room beside
  useEffect(() => () => paper.close(), [paper]);
  useEffect(() => {
    if (text) paper.heard(text);
  }, [text, paper]);
  useUnsavedWarning(paper.saving.value.state !== "saved");
  const { title, body } = paper.words.value;
  const shelf = tree?.collections.find((one) => one.id === article.collection);
  const home = tree?.locale;
  const part = { article, locale, paper, fresh };
  return (
    <>
      <section class="pane grow p-edit" aria-label={title || "Article"}>
        <div class="bar">
          <a class="btn ghost icon only-phone" href={address({ screen: "articles", article: null })} aria-label="All articles">
            <Icon name="left" size={20} flip />
          </a>
          <span class="clip muted grow">
            <bdi>{shelf ? shelfName(shelf) : ""}</bdi>
          </span>
          <Saved saving={paper.saving.value} again={() => void paper.flush().catch(() => undefined)} />
          <span class="not-phone">
            <Status look={TEXT_STATES[textState(text)]} />
          </span>
          <button type="button" class="btn icon only-narrow" aria-label="Preview" aria-pressed={shown} title="Preview" onClick={() => setShown(!shown)}>
            <Icon name="eye" />
          </button>
          <More {...part} title={title} />
          <Publish {...part} />
        </div>
        <Languages at={at} article={article} locale={locale} home={home} />
        <div class="scroll ed">
          <Overtaken paper={paper} />
          <input
            class="ed-t"
            aria-label="Title"
            dir="auto"
            value={title}
            maxLength={200}
            placeholder={locale === homeOf(article, home) ? "Title" : `Title in ${LANGUAGES[locale]}`}
            autofocus={!title}
            onInput={(event) => paper.write({ title: event.currentTarget.value })}
          />
          <Facts article={article} locale={locale} home={home} shelf={shelf ? shelfName(shelf) : ""} published={isPublic(article)} fresh={fresh} />
          <MarkdownArea body={body} locale={locale} write={(next) => paper.write({ body: next })} />
          <Foot article={article} body={body} home={home} />
        </div>
      </section>
      <WidgetFrame title={title} body={body} collection={shelf ? shelfName(shelf) : ""} locale={locale} updated={text?.updated_at ?? null} shown={shown} close={() => setShown(false)} />
    </>
  );
}
