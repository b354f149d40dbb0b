/** What is asked before an article or a collection is made, named, moved or deleted. */

import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import {
  type Article,
  changeArticle,
  changeCollection,
  type Collection,
  createArticle,
  createCollection,
  deleteArticle,
  deleteCollection,
  LANGUAGES,
  type Locale,
  LOCALES,
  type Names,
  shelfName,
  type Tree,
} from "../../articles";
import { Refusal, words } from "../../http";
import { Confirm, Dialog } from "../../kit/Dialog";
import { Field } from "../../kit/Field";
import { Icon } from "../../kit/Icon";
import { Select } from "../../kit/Select";
import { done } from "../../toast";
import { glyph } from "./Shelves";

type Asking =
  | { what: "new-article"; collection: string } // "": wherever fits
  | { what: "collection"; collection: Collection | null } // null: a new one
  | { what: "delete-collection"; collection: Collection }
  | { what: "move"; article: Pick<Article, "id" | "collection">; title: string }
  | { what: "delete-article"; id: string; title: string; slug: string; published: boolean };

export const asking = signal<Asking | null>(null);

const close = (): void => void (asking.value = null);

interface Props {
  tree: Tree;
  reload: () => Promise<void>;
  opened: string | null;
  onMade: (id: string, locale: Locale) => void;
  onGone: () => void;
}

export function Dialogs({ tree, reload, opened, onMade, onGone }: Props) {
  const now = asking.value;
  switch (now?.what) {
    case "new-article":
      return <NewArticle tree={tree} collection={now.collection} onMade={(id, locale) => (void reload(), onMade(id, locale))} />;
    case "collection":
      return <Shelf shelf={now.collection} reload={reload} />;
    case "delete-collection":
      return <DeleteShelf shelf={now.collection} reload={reload} />;
    case "move":
      return <Move tree={tree} article={now.article} title={now.title} reload={reload} />;
    case "delete-article":
      return (
        <DeleteArticle
          {...now}
          onGone={() => {
            void reload();
            if (opened === now.id) onGone();
          }}
        />
      );
    default:
      return null;
  }
}

/** Runs one deed of a dialog: busy while it runs, closed when it is done, told why when it is not. */
function useDeed(): { busy: boolean; refused: { text: string; field: string | null }; run: (deed: () => Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<{ text: string; field: string | null }>({ text: "", field: null });
  const run = (deed: () => Promise<void>): void => {
    setBusy(true);
    deed().then(close, (error) => {
      setRefused({ text: words(error), field: error instanceof Refusal ? error.field : null });
      setBusy(false);
    });
  };
  return { busy, refused, run };
}

function Foot({ form, action, busy, ready = true }: { form: string; action: string; busy: boolean; ready?: boolean }) {
  return (
    <>
      <button type="button" class="btn" onClick={close}>
        Cancel
      </button>
      <button type="submit" form={form} class="btn primary" disabled={busy || !ready}>
        {busy && <span class="spin" />}
        {action}
      </button>
    </>
  );
}

const languages = LOCALES.map((value) => ({ value, label: LANGUAGES[value] }));

function NewArticle({ tree, collection, onMade }: { tree: Tree; collection: string; onMade: (id: string, locale: Locale) => void }) {
  const [title, setTitle] = useState("");
  const [locale, setLocale] = useState<Locale>(tree.locale);
  const [shelf, setShelf] = useState(collection || tree.collections[0]?.id || "");
  const { busy, refused, run } = useDeed();
  const make = (event: Event): void => {
    event.preventDefault();
    if (!title.trim()) return;
    run(async () => {
      const { id } = await createArticle(title.trim(), locale, shelf);
      onMade(id, locale);
    });
  };
  return (
    <Dialog title="New article" about="It is a draft until you publish it." onClose={close} footer={<Foot form="new-article" action="Start writing" busy={busy} ready={title.trim() !== ""} />}>
      <form id="new-article" class="stacked" onSubmit={make} noValidate>
        <Field label="Title" value={title} onText={setTitle} maxLength={200} autofocus placeholder="What do people ask?" problem={refused.text || undefined} />
        <div class="g2d">
          <Select label="Language" value={locale} options={languages} onPick={setLocale} />
          {tree.collections.length > 0 && (
            <Select label="Collection" value={shelf} options={tree.collections.map((one) => ({ value: one.id, label: shelfName(one) }))} onPick={setShelf} />
          )}
        </div>
      </form>
    </Dialog>
  );
}

const GLYPHS = ["book", "truck", "refund", "box", "card", "wallet", "gift", "tag", "heart", "shield", "clock", "chat", "person", "globe", "tool", "spark"] as const;

function Shelf({ shelf, reload }: { shelf: Collection | null; reload: () => Promise<void> }) {
  const [names, setNames] = useState<Names>(shelf?.names ?? {});
  const [icon, setIcon] = useState(shelf?.icon ?? "book");
  const { busy, refused, run } = useDeed();
  const written = Object.fromEntries(Object.entries(names).filter(([, name]) => name?.trim())) as Names;
  const ready = Object.keys(written).length > 0;
  const save = (event: Event): void => {
    event.preventDefault();
    if (!ready) return;
    run(async () => {
      await (shelf ? changeCollection(shelf.id, { names: written, icon }) : createCollection({ names: written, icon }));
      await reload();
    });
  };
  return (
    <Dialog
      title={shelf ? "Rename collection" : "New collection"}
      about="A name in each language you write in; where one is missing, the first is shown."
      onClose={close}
      footer={<Foot form="collection" action={shelf ? "Save" : "Create"} busy={busy} ready={ready} />}
    >
      <form id="collection" class="stacked" onSubmit={save} noValidate>
        <div class="g2d">
          {LOCALES.map((locale, at) => (
            <Field
              key={locale}
              label={LANGUAGES[locale]}
              value={names[locale] ?? ""}
              onText={(name) => setNames({ ...names, [locale]: name })}
              maxLength={80}
              autofocus={at === 0}
              problem={(at === 0 && refused.text) || undefined}
            />
          ))}
        </div>
        <div role="radiogroup" aria-label="Icon" class="glyphs">
          {GLYPHS.map((one) => (
            <button
              key={one}
              type="button"
              role="radio"
              class="btn ghost icon"
              aria-checked={icon === one}
              aria-label={one}
              title={one}
              onClick={() => setIcon(one)}
            >
              <Icon name={glyph(one)} />
            </button>
          ))}
        </div>
      </form>
    </Dialog>
  );
}

function DeleteShelf({ shelf, reload }: { shelf: Collection; reload: () => Promise<void> }) {
  const { busy, refused, run } = useDeed();
  const full = shelf.articles.length > 0;
  const name = shelfName(shelf);
  if (full) {
    return (
      <Dialog
        title={`${name} is not empty`}
        about={`Move or delete its ${shelf.articles.length === 1 ? "article" : `${shelf.articles.length} articles`} first. Nothing was changed.`}
        onClose={close}
        footer={
          <button type="button" class="btn" onClick={close}>
            Close
          </button>
        }
      />
    );
  }
  return (
    <Confirm
      title={`Delete ${name}?`}
      about="It is empty. Nobody loses anything to read."
      action="Delete"
      busy={busy}
      problem={refused.text}
      onConfirm={() => run(async () => (await deleteCollection(shelf.id), await reload()))}
      onClose={close}
    />
  );
}

interface MoveProps {
  tree: Tree;
  article: Pick<Article, "id" | "collection">;
  title: string;
  reload: () => Promise<void>;
}

function Move({ tree, article, title, reload }: MoveProps) {
  const [shelf, setShelf] = useState(article.collection);
  const { busy, refused, run } = useDeed();
  const move = (event: Event): void => {
    event.preventDefault();
    run(async () => {
      const to = tree.collections.find((one) => one.id === shelf);
      await changeArticle(article.id, { collection: shelf, position: to?.articles.length ?? 0 });
      await reload();
      done(`Moved to ${to ? shelfName(to) : "the collection"}`);
    });
  };
  return (
    <Dialog title="Move article" about={title} onClose={close} footer={<Foot form="move" action="Move" busy={busy} ready={shelf !== article.collection} />}>
      <form id="move" onSubmit={move}>
        <Select
          label="Collection"
          value={shelf}
          options={tree.collections.map((one) => ({ value: one.id, label: shelfName(one) }))}
          hint="Within a collection, Alt and an arrow key move an article up and down."
          onPick={setShelf}
        />
        {refused.text && (
          <p class="hint bad" role="alert">
            {refused.text}
          </p>
        )}
      </form>
    </Dialog>
  );
}

interface DeleteProps {
  id: string;
  title: string;
  slug: string;
  published: boolean;
  onGone: () => void;
}

/** What visitors and search engines may have linked is not deleted by one click. */
function DeleteArticle({ id, title, slug, published, onGone }: DeleteProps) {
  const [typed, setTyped] = useState("");
  const { busy, refused, run } = useDeed();
  const sure = !published || typed.trim() === slug;
  return (
    <Confirm
      title="Delete this article?"
      about={`“${title || slug}” goes in every language${published ? ", and its public page with it. Links to it end. To take it away for a while, unpublish it" : ""}. This cannot be undone.`}
      action="Delete"
      busy={busy || !sure}
      problem={refused.text}
      onConfirm={() =>
        run(async () => {
          await deleteArticle(id);
          done("The article is deleted.");
          onGone();
        })
      }
      onClose={close}
    >
      {published && <Field label={`Type ${slug} to delete it`} value={typed} onText={setTyped} mono maxLength={100} />}
    </Confirm>
  );
}
