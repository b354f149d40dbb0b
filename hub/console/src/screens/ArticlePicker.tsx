/** Finds an article of the help centre and puts its title and address into the answer. */

import { useEffect, useId, useState } from "preact/hooks";
import { type Suggested, suggested } from "../aid";
import { words } from "../http";
import { Icon } from "../kit/Icon";
import { Popover } from "../kit/Popover";
import { address } from "../router";

interface Props {
  conversation: string;
  onPick: (article: Found) => void;
}

/** As little of an article as a reply needs. */
export type Found = Pick<Suggested, "slug" | "title" | "url" | "excerpt">;

const COMBOBOX: object = { role: "combobox" }; // Preact's types know it only for inputs with a datalist

export function ArticlePicker({ conversation, onPick }: Props) {
  return (
    <Popover
      button={<Icon name="book" />}
      label="Insert article"
      title="Insert article"
      class="btn ghost icon"
      panel="ins"
      role="dialog"
    >
      {(close) => (
        <Finder
          conversation={conversation}
          onPick={(article) => {
            close();
            onPick(article);
          }}
        />
      )}
    </Popover>
  );
}

interface Known {
  fitting: readonly Found[];
  all: readonly Found[];
  problem: string;
}

const NOTHING: readonly Found[] = [];

/** What fits this conversation, and everything there is: either may fail without the other. */
async function load(conversation: string): Promise<Known> {
  const { published } = await import("../articles");
  const [fitting, all] = await Promise.allSettled([suggested(conversation), published()]);
  return {
    fitting: fitting.status === "fulfilled" ? fitting.value : NOTHING,
    all: all.status === "fulfilled" ? all.value : NOTHING,
    problem: all.status === "rejected" ? words(all.reason) : "",
  };
}

function Finder({ conversation, onPick }: Props) {
  const [text, setText] = useState("");
  const [known, setKnown] = useState<Known | null>(null);
  const [at, setAt] = useState(0);
  const id = useId();
  useEffect(() => void load(conversation).then(setKnown), []);
  const { fitting, rest } = shown(known, text);
  const items = [...fitting, ...rest];

  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: { [key: string]: number } = { ArrowDown: at + 1, ArrowUp: at - 1 };
    const to = moves[event.key];
    if (to !== undefined && items.length) {
      event.preventDefault();
      setAt((to + items.length) % items.length);
    }
    const picked = items[at];
    if (event.key === "Enter" && picked) {
      event.preventDefault();
      onPick(picked);
    }
  };
  const row = (article: Found, index: number) => (
    <li
      key={article.slug}
      id={`${id}-${index}`}
      role="option"
      class="cm"
      aria-selected={index === at}
      onClick={() => onPick(article)}
      onMouseMove={() => setAt(index)}
    >
      <Icon name="doc" size={16} />
      <span class="grow">
        <bdi class="clip strong">{article.title}</bdi>
        {article.excerpt && <bdi class="clip quiet-t">{article.excerpt}</bdi>}
      </span>
    </li>
  );
  return (
    <>
      <div class="find">
        <div class="field">
          <Icon name="search" size={16} />
          <input
            type="search"
            {...COMBOBOX}
            aria-label="Search articles"
            aria-expanded={items.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={items[at] ? `${id}-${at}` : undefined}
            placeholder="Search articles"
            value={text}
            onInput={(event) => {
              setText(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
        </div>
      </div>
      {known && (
        <ul id={`${id}-list`} role="listbox" aria-label="Articles">
          {fitting.length > 0 && (
            <li class="pg-h" role="presentation">
              Fits this conversation
            </li>
          )}
          {fitting.map((article, index) => row(article, index))}
          {fitting.length > 0 && rest.length > 0 && (
            <li class="pg-h" role="presentation">
              All articles
            </li>
          )}
          {rest.map((article, index) => row(article, fitting.length + index))}
        </ul>
      )}
      {known && items.length === 0 && <None text={text} problem={known.problem} />}
    </>
  );
}

function None({ text, problem }: { text: string; problem: string }) {
  if (problem) {
    return (
      <p class="find-none hint bad" role="alert">
        {problem}
      </p>
    );
  }
  return (
    <p class="find-none muted">
      {text ? (
        `No published article is called “${text}”.`
      ) : (
        <>
          No article is published yet. <a href={address({ screen: "articles", article: null })}>Write one</a>
        </>
      )}
    </p>
  );
}

const MOST = 50; // rows: beyond that one searches

/** With words typed: those titles that have them; without: what fits first, and then the others. */
function shown(known: Known | null, text: string): { fitting: readonly Found[]; rest: readonly Found[] } {
  if (!known) return { fitting: NOTHING, rest: NOTHING };
  const wanted = text.trim().toLocaleLowerCase();
  const has = ({ title, slug }: Found): boolean =>
    wanted.split(/\s+/).every((word) => title.toLocaleLowerCase().includes(word) || slug.includes(word));
  const fitting = wanted ? NOTHING : known.fitting;
  const others = known.all.filter((one) => fitting.every(({ slug }) => slug !== one.slug));
  return { fitting, rest: others.filter((one) => !wanted || has(one)).slice(0, MOST) };
}
