/** Finds an article of the help centre and puts its title and address into the answer. */

import { useEffect, useState } from "preact/hooks";
import { type Suggested, suggested } from "../aid";
import { words } from "../http";
import { Icon } from "../kit/Icon";
import { Picker, PickerField, useOptions } from "../kit/Picker";
import { address } from "../router";

interface Props {
  conversation: string;
  onPick: (article: Found) => void;
}

/** As little of an article as a reply needs. */
export type Found = Pick<Suggested, "slug" | "title" | "url" | "excerpt">;

export function ArticlePicker({ conversation, onPick }: Props) {
  return (
    <Picker icon="book" label="Insert article" onPick={onPick}>
      {(pick) => <Finder conversation={conversation} onPick={pick} />}
    </Picker>
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
  useEffect(() => void load(conversation).then(setKnown), []);
  const { fitting, rest } = shown(known, text);
  const items = [...fitting, ...rest];
  const { list, field, option, restart } = useOptions(items, onPick);
  const search = (words: string): void => {
    setText(words);
    restart();
  };
  const row = (article: Found, index: number) => (
    <li key={article.slug} {...option(article, index)}>
      <Icon name="doc" size={16} />
      <span class="grow">
        <bdi class="clip strong">{article.title}</bdi>
        {article.excerpt && <bdi class="clip quiet-t">{article.excerpt}</bdi>}
      </span>
    </li>
  );
  return (
    <>
      <PickerField label="Search articles" text={text} onText={search} field={field} />
      {known && (
        <ul id={list} role="listbox" aria-label="Articles">
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
