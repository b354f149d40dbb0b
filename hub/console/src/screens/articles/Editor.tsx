/** An article in one language: its words, their state, and what is done with them. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  type Article,
  changeArticle,
  deleteText,
  helpfulText,
  homeOf,
  LANGUAGES,
  type Locale,
  LOCALES,
  olderThanHome,
  publish,
  shelfName,
  TEXT_STATES,
  textState,
  type Tree,
  unpublish,
} from "../../articles";
import { webAddress } from "../../address";
import { Refusal, words } from "../../http";
import { moveAlong } from "../../kit/Choice";
import { CopyButton } from "../../kit/Code";
import { Icon } from "../../kit/Icon";
import { Menu, type MenuItem } from "../../kit/Menu";
import { Status } from "../../kit/Status";
import { Manuscript, type Saving } from "../../manuscript";
import { wordCount } from "../../markdown";
import { address, type ArticlesPlace, go } from "../../router";
import { clock } from "../../time";
import { done, problem } from "../../toast";
import { useDesk } from "../../work";
import { asking } from "./dialogs";
import { MarkdownArea } from "./MarkdownArea";
import { WidgetFrame } from "./WidgetFrame";

interface Props {
  at: ArticlesPlace;
  article: Article;
  locale: Locale;
  tree: Tree | null;
  fresh: () => Promise<void>;
}

export function Editor({ at, article, locale, tree, fresh }: Props) {
  const { me } = useDesk();
  const text = article.texts[locale];
  const paper = useMemo(() => new Manuscript(localStorage, me.agent.id, article.id, locale, text), []);
  const [shown, setShown] = useState(false); // the preview, where there is no room beside
  useEffect(() => () => paper.close(), [paper]);
  useEffect(() => {
    if (text) paper.heard(text);
  }, [text, paper]);
  useUnsavedWarning(paper);
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
          <Facts article={article} shelf={shelf ? shelfName(shelf) : ""} published={isPublic(article)} fresh={fresh} />
          <MarkdownArea body={body} locale={locale} write={(next) => paper.write({ body: next })} />
          <Foot article={article} body={body} home={home} />
        </div>
      </section>
      <WidgetFrame title={title} body={body} collection={shelf ? shelfName(shelf) : ""} locale={locale} updated={text?.updated_at ?? null} shown={shown} close={() => setShown(false)} />
    </>
  );
}

const isPublic = (article: Article): boolean => LOCALES.some((one) => article.texts[one]?.state === "published");

function useUnsavedWarning(paper: Manuscript): void {
  const dirty = paper.saving.value.state !== "saved";
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [dirty]);
}

function Saved({ saving, again }: { saving: Saving; again: () => void }) {
  return (
    <span class="saved quiet-t" role="status">
      {saving.state === "saving" && "Saving…"}
      {saving.state === "unsaved" && "Not saved yet"}
      {saving.state === "saved" && saving.at && `Saved ${clock(saving.at)}`}
      {saving.state === "failed" && saving.field === "title" && saving.problem}
      {saving.state === "failed" && saving.field !== "title" && (
        <span class="bad" title={saving.problem}>
          <Icon name="alert" size={14} />
          <span class="clip">Not saved, kept here. {saving.problem}</span>
          <button type="button" class="linkish" onClick={again}>
            Try again
          </button>
        </span>
      )}
    </span>
  );
}

interface Part {
  article: Article;
  locale: Locale;
  paper: Manuscript;
  fresh: () => Promise<void>;
}

function Publish({ article, locale, paper, fresh }: Part) {
  const [busy, setBusy] = useState(false);
  const state = textState(article.texts[locale]);
  const { title, body } = paper.words.value;
  const pending = paper.saving.value.state !== "saved";
  const nothing = state === "published" && !pending;
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      await paper.flush();
      await publish(article.id, locale);
      await fresh();
      done(`Published in ${LANGUAGES[locale]}.`);
    } catch (error) {
      problem(words(error));
    }
    setBusy(false);
  };
  return (
    <button
      type="button"
      class="btn primary"
      disabled={busy || nothing || !title.trim() || !body.trim() || paper.overtaken.value !== null}
      title={!title.trim() || !body.trim() ? "It needs a title and a text" : undefined}
      onClick={run}
    >
      {busy && <span class="spin" />}
      {state === "changed" || (state === "published" && pending) ? "Publish changes" : nothing ? "Published" : "Publish"}
    </button>
  );
}

function More({ article, locale, fresh, title }: Part & { title: string }) {
  const text = article.texts[locale];
  const act = (deed: () => Promise<unknown>, said: string) => (): void => {
    deed().then(
      async () => {
        await fresh();
        done(said);
      },
      (error) => problem(words(error)),
    );
  };
  const others = LOCALES.filter((one) => one !== locale && article.texts[one]);
  const items: MenuItem[] = [
    { label: "Move to a collection", icon: "folder", pick: () => (asking.value = { what: "move", article, title }) },
  ];
  if (text?.state === "published") {
    items.push({ label: `Unpublish ${LANGUAGES[locale]}`, icon: "eye", pick: act(() => unpublish(article.id, locale), "Visitors do not see it any more.") });
  }
  if (text && others.length > 0) {
    items.push({
      label: `Delete ${LANGUAGES[locale]}`,
      icon: "trash",
      danger: true,
      pick: act(async () => {
        await deleteText(article.id, locale);
        go({ screen: "articles", article: article.id });
      }, `${LANGUAGES[locale]} is deleted.`),
    });
  }
  items.push({
    label: "Delete the article",
    icon: "trash",
    danger: true,
    pick: () => (asking.value = { what: "delete-article", id: article.id, title, slug: article.slug, published: isPublic(article) }),
  });
  return <Menu class="btn icon" label="More about this article" align="end" items={items} button={<Icon name="dots" />} />;
}

interface LanguagesProps {
  at: ArticlesPlace;
  article: Article;
  locale: Locale;
  home: Locale | undefined;
}

/** Those that are written, and a menu of the others. */
function Languages({ at, article, locale, home }: LanguagesProps) {
  const shown = LOCALES.filter((one) => article.texts[one] || one === locale);
  const missing = LOCALES.filter((one) => !shown.includes(one));
  const older = olderThanHome(article, home);
  const open = (one: Locale): void => go({ ...at, locale: one }, { replace: true });
  return (
    <div class="tabs3 langs">
      <div class="lang-t" role="tablist" aria-label="Language" onKeyDown={moveAlong}>
        {shown.map((one) => {
          const state = textState(article.texts[one]);
          const stale = state === "published" && older.includes(one);
          const look = stale ? { word: `Older than ${LANGUAGES[homeOf(article, home)]}`, tone: "warning", glyph: "clock" as const } : TEXT_STATES[state];
          return (
            <button
              key={one}
              type="button"
              role="tab"
              lang={one}
              aria-selected={one === locale}
              tabIndex={one === locale ? 0 : -1}
              title={look.word}
              onClick={() => open(one)}
            >
              <bdi>{LANGUAGES[one]}</bdi>
              {state === "draft" || state === "none" ? (
                <span lang="en">{state === "none" ? "new" : "draft"}</span>
              ) : (
                <i class={`lang-i ${look.tone}`} role="img" aria-label={look.word}>
                  <Icon name={look.glyph} size={14} />
                </i>
              )}
            </button>
          );
        })}
      </div>
      {missing.length > 0 && (
        <Menu
          class="lang-add"
          label="Write in another language"
          items={missing.map((one) => ({ label: LANGUAGES[one], pick: () => open(one) }))}
          button={
            <>
              <Icon name="plus" size={14} />
              Language
            </>
          }
        />
      )}
    </div>
  );
}

/** Somebody else has saved this text while it was written here: both are there, one decides. */
function Overtaken({ paper }: { paper: Manuscript }) {
  const theirs = paper.overtaken.value;
  if (!theirs) return null;
  return (
    <div class="notice warning over-t" role="alert">
      <Icon name="people" size={16} />
      <p class="grow">
        <b>{theirs.by || "Somebody else"} has saved this text meanwhile.</b> Yours is kept in this browser and not saved until you choose.
      </p>
      <button type="button" class="btn sm" onClick={() => paper.settle("theirs")}>
        Take theirs
      </button>
      <button type="button" class="btn sm" onClick={() => paper.settle("ours")}>
        Keep mine
      </button>
    </div>
  );
}

interface FactsProps {
  article: Article;
  shelf: string;
  published: boolean;
  fresh: () => Promise<void>;
}

function Facts({ article, shelf, published, fresh }: FactsProps) {
  const url = webAddress(article.url);
  const move = (): void => void (asking.value = { what: "move", article, title: "" });
  return (
    <div class="flex wrap ed-f">
      <Slug key={article.slug} article={article} fresh={fresh} />
      <span>
        Collection{" "}
        <button type="button" class="linkish" onClick={move}>
          {shelf || "none"}
        </button>
      </span>
      {published && url && (
        <span class="flex pub">
          <a href={url} target="_blank" rel="noopener">
            Public page
          </a>
          <CopyButton text={url} class="btn ghost sm icon" label="Copy the public address" />
        </span>
      )}
    </div>
  );
}

/** The address: changed by Enter or by leaving the field; old links go on working. */
function Slug({ article, fresh }: { article: Article; fresh: () => Promise<void> }) {
  const [typed, setTyped] = useState<string | null>(null);
  const [refused, setRefused] = useState("");
  const left = useRef(false); // Esc leaves without a change
  const field = useRef<HTMLInputElement>(null);
  const open = typed !== null;
  useEffect(() => field.current?.select(), [open]);
  const save = async (): Promise<void> => {
    const slug = typed?.trim() ?? "";
    if (left.current || slug === article.slug || slug === "") {
      left.current = false;
      return setTyped(null);
    }
    try {
      await changeArticle(article.id, { slug });
      await fresh();
      setTyped(null);
      done("The address is changed. Old links lead to it.");
    } catch (error) {
      setRefused(error instanceof Refusal ? error.message : words(error));
    }
  };
  if (typed === null) {
    return (
      <span>
        Address{" "}
        <button type="button" class="linkish mono" aria-label={`Change the address ${article.slug}`} onClick={() => (setRefused(""), setTyped(article.slug))}>
          /{article.slug}
        </button>
      </span>
    );
  }
  return (
    <span class="slug">
      <label class="flex">
        Address
        <input
          class="mono"
          value={typed}
          maxLength={80}
          spellcheck={false}
          ref={field}
          aria-invalid={refused ? true : undefined}
          onInput={(event) => (setRefused(""), setTyped(event.currentTarget.value))}
          onBlur={() => void save()}
          onKeyDown={(event) => {
            if (event.key === "Escape") left.current = true;
            if (event.key === "Escape" || event.key === "Enter") event.currentTarget.blur();
          }}
        />
      </label>
      {refused && (
        <span class="hint bad" role="alert">
          {refused}
        </span>
      )}
    </span>
  );
}

function Foot({ article, body, home }: { article: Article; body: string; home: Locale | undefined }) {
  const many = wordCount(body);
  const older = olderThanHome(article, home);
  return (
    <div class="flex wrap ed-f">
      {older.length > 0 && (
        <span class="pill info bare">
          <Icon name="clock" size={12} />
          {older.map((one) => LANGUAGES[one]).join(", ")} {older.length === 1 ? "is" : "are"} older than {LANGUAGES[homeOf(article, home)]}
        </span>
      )}
      <span class="end num">
        {many === 1 ? "1 word" : `${many} words`}, {helpfulText(article.helpful).replace(/^N/, "n")}
      </span>
    </div>
  );
}
