/** Articles: the collections at one side, the article that is open, and how visitors will see it. */

import { useMemo } from "preact/hooks";
import { type Listed, tree, type Tree } from "../../articles";
import { Icon } from "../../kit/Icon";
import { Empty, Failed, Skeleton } from "../../kit/States";
import { useLoaded } from "../../loaded";
import { type ArticlesPlace, go } from "../../router";
import { useNews } from "../../work";
import { Opened } from "./Opened";
import { Shelves } from "./Shelves";
import { asking, Dialogs } from "./dialogs";
import "../settings/settings.css";
import "../inbox.css";
import "../thread.css";
import "./articles.css";

export function ArticlesScreen({ at }: { at: ArticlesPlace }) {
  const loading = useLoaded(tree);
  const known = loading.at.value;
  useNews(({ type }) => type === "ArticlesChanged", () => loading.load(), 250);
  const open = useMemo(() => listed(known.state === "ready" ? known.value : null, at.article), [known, at.article]);
  const reload = (): Promise<void> => loading.load();
  return (
    <>
      <section class={at.article ? "pane p-tree away" : "pane p-tree"} aria-label="Articles">
        {known.state === "loading" && (
          <>
            <div class="bar">
              <h2>Articles</h2>
            </div>
            <Skeleton rows={6} />
          </>
        )}
        {known.state === "failed" && (
          <Failed title="The articles did not load" problem={known.problem} onRetry={() => loading.load()} />
        )}
        {known.state === "ready" && <Shelves tree={known.value} at={at} reload={reload} />}
      </section>
      {at.article ? (
        <Opened key={at.article} at={at} id={at.article} tree={known.state === "ready" ? known.value : null} listed={open} reload={reload} />
      ) : (
        <NothingOpen tree={known.state === "ready" ? known.value : null} />
      )}
      {known.state === "ready" && (
        <Dialogs
          tree={known.value}
          reload={reload}
          opened={at.article}
          onMade={(id, locale) => go({ screen: "articles", article: id, locale })}
          onGone={() => go({ screen: "articles", article: null })}
        />
      )}
    </>
  );
}

function listed(known: Tree | null, id: string | null): Listed | null {
  return known?.collections.flatMap((one) => one.articles).find((article) => article.id === id) ?? null;
}

function NothingOpen({ tree: known }: { tree: Tree | null }) {
  const some = known?.collections.some(({ articles }) => articles.length > 0);
  const write = (
    <button type="button" class="btn primary" onClick={() => (asking.value = { what: "new-article", collection: "" })}>
      <Icon name="plus" size={16} />
      New article
    </button>
  );
  return (
    <section class="pane p-thread away" aria-label="Article">
      {known &&
        (some ? (
          <Empty icon="book" title="Pick an article">
            Or write a new one: the assistant quotes what is published, and visitors read it in the widget.
          </Empty>
        ) : (
          <Empty icon="book" title="Write your first article" action={write}>
            Answer once what people ask every day: delivery, returns, care. The assistant quotes it, visitors find it in the widget.
          </Empty>
        ))}
    </section>
  );
}
