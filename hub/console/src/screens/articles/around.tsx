/** Around an article's text: its languages, its address, what readers said, and how it is saved. */

import { useEffect, useRef, useState } from "preact/hooks";
import { webAddress } from "../../address";
import {
  type Article,
  changeArticle,
  helpfulText,
  homeOf,
  LANGUAGES,
  type Locale,
  LOCALES,
  olderThanHome,
  TEXT_STATES,
  textState,
} from "../../articles";
import { Refusal, words } from "../../http";
import { moveAlong } from "../../kit/Choice";
import { CopyButton } from "../../kit/Code";
import { Icon } from "../../kit/Icon";
import { Menu } from "../../kit/Menu";
import type { Manuscript, Saving } from "../../manuscript";
import { wordCount } from "../../markdown";
import { type ArticlesPlace, go } from "../../router";
import { clock } from "../../time";
import { done } from "../../toast";
import { asking } from "./dialogs";

export function Saved({ saving, again }: { saving: Saving; again: () => void }) {
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

interface LanguagesProps {
  at: ArticlesPlace;
  article: Article;
  locale: Locale;
  home: Locale | undefined;
}

/** Those that are written, and a menu of the others. */
export function Languages({ at, article, locale, home }: LanguagesProps) {
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
export function Overtaken({ paper }: { paper: Manuscript }) {
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
  locale: Locale;
  home: Locale | undefined;
  shelf: string;
  published: boolean;
  fresh: () => Promise<void>;
}

export function Facts({ article, locale, home, shelf, published, fresh }: FactsProps) {
  const own = locale !== homeOf(article, home) && article.texts[locale]?.state === "published";
  const url = webAddress(own ? `${article.url}?lang=${locale}` : article.url);
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

export function Foot({ article, body, home }: { article: Article; body: string; home: Locale | undefined }) {
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
