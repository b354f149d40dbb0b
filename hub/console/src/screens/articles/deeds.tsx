/** What is done with an article: published, moved, taken away. */

import { useState } from "preact/hooks";
import { type Article, deleteText, isPublic, LANGUAGES, type Locale, LOCALES, publish, textState, unpublish } from "../../articles";
import { words } from "../../http";
import { Icon } from "../../kit/Icon";
import { Menu, type MenuItem } from "../../kit/Menu";
import type { Manuscript } from "../../manuscript";
import { go } from "../../router";
import { done, problem } from "../../toast";
import { asking } from "./dialogs";

export interface Part {
  article: Article;
  locale: Locale;
  paper: Manuscript;
  fresh: () => Promise<void>;
}

export function Publish({ article, locale, paper, fresh }: Part) {
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

export function More({ article, locale, fresh, title }: Part & { title: string }) {
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
