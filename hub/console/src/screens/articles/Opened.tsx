/** The article that is open: loaded, heard of when somebody else changes it, written by the editor. */

import { article, homeOf, type Listed, LOCALES, type Text, type Tree } from "../../articles";
import { Failed, Skeleton } from "../../kit/States";
import { useLoaded } from "../../loaded";
import { address, type ArticlesPlace } from "../../router";
import { useNews } from "../../work";
import { Editor } from "./Editor";

interface Props {
  at: ArticlesPlace;
  id: string;
  tree: Tree | null;
  listed: Listed | null;
  reload: () => Promise<void>; // of the tree
}

export function Opened({ at, id, tree, listed, reload }: Props) {
  const loading = useLoaded(() => article(id));
  const known = loading.at.value;
  useNews(({ type }) => type === "ArticlesChanged", () => loading.load(), 400);
  if (known.state === "ready") {
    const locale = LOCALES.find((one) => one === at.locale) ?? homeOf(known.value, tree?.locale);
    const fresh = async (): Promise<void> => void (await Promise.all([loading.load(), reload()]));
    const keep = (text: Text): void =>
      loading.change((before) => ({ ...before, texts: { ...before.texts, [locale]: text } }));
    return <Editor key={locale} at={at} article={known.value} locale={locale} tree={tree} keep={keep} fresh={fresh} />;
  }
  return (
    <section class="pane grow" aria-label={listed?.title ?? "Article"}>
      {known.state === "loading" ? (
        <Skeleton rows={5} />
      ) : (
        <>
          <Failed title="The article did not load" problem={known.problem} onRetry={() => loading.load()} />
          <p class="tree-none muted">
            <a href={address({ screen: "articles", article: null })}>All articles</a>
          </p>
        </>
      )}
    </section>
  );
}
