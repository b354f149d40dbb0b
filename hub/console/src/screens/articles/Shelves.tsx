/** The tree: collections that open, the articles in them, and what is done with either. */

import { useRef, useState } from "preact/hooks";
import { changeArticle, changeCollection, type Collection, found, type Listed, LANGUAGES, shelfName, step, type Tree } from "../../articles";
import { words } from "../../http";
import { Icon } from "../../kit/Icon";
import { ICONS, type IconName } from "../../kit/icons";
import { Menu, type MenuItem } from "../../kit/Menu";
import { PlaceSearch } from "../../kit/SearchField";
import { Empty } from "../../kit/States";
import { address, type ArticlesPlace, go } from "../../router";
import { isAdmin } from "../../session";
import { done, problem } from "../../toast";
import { useDesk } from "../../work";
import { asking } from "./dialogs";

interface Props {
  tree: Tree;
  at: ArticlesPlace;
  reload: () => Promise<void>;
}

const TYPING_PAUSE = 150;
const SHUT = "parley.articles.shut"; // collections that are closed, in this browser

export function Shelves({ tree, at, reload }: Props) {
  const [shut, setShut] = useState<ReadonlySet<string>>(remembered);
  const [said, setSaid] = useState("");
  const q = at.q ?? "";
  const shown = found(tree.collections, q);
  const toggle = (id: string): void => {
    const next = new Set(shut);
    if (!next.delete(id)) next.add(id);
    setShut(next);
    remember(next);
  };
  const move = async (article: Listed, by: 1 | -1): Promise<void> => {
    const to = step(tree.collections, article.id, by);
    if (!to) return;
    try {
      await changeArticle(article.id, to);
      await reload();
      const shelf = tree.collections.find((one) => one.id === to.collection);
      setSaid(`${article.title || article.slug} is now number ${to.position + 1}${shelf ? ` in ${shelfName(shelf)}` : ""}`);
    } catch (error) {
      problem(words(error));
    }
  };
  return (
    <>
      <div class="bar">
        <h2 class="grow">Articles</h2>
        {tree.help_url && (
          <a class="btn ghost icon" href={tree.help_url} target="_blank" rel="noopener" aria-label="Open the help centre" title="Open the help centre">
            <Icon name="globe" />
          </a>
        )}
        <Menu
          class="btn ghost icon"
          label="New"
          title="New"
          align="end"
          button={<Icon name="plus" />}
          items={[
            { label: "New article", icon: "doc", pick: () => (asking.value = { what: "new-article", collection: "" }) },
            { label: "New collection", icon: "folder", pick: () => (asking.value = { what: "collection", collection: null }) },
          ]}
        />
      </div>
      <div class="filters">
        <Search at={at} />
      </div>
      <nav class="scroll tree" aria-label="Collections">
        {shown.length === 0 && <Nothing q={q} at={at} />}
        <ul>
          {shown.map((one) => (
            <Shelf
              key={one.id}
              shelf={one}
              open={q !== "" || !shut.has(one.id)}
              at={at}
              tree={tree}
              toggle={() => toggle(one.id)}
              move={move}
              reload={reload}
            />
          ))}
        </ul>
      </nav>
      <span class="sr" role="status">
        {said}
      </span>
    </>
  );
}

function Search({ at }: { at: ArticlesPlace }) {
  const { q, ...rest } = at;
  const search = (words: string): void => go(words ? { ...rest, q: words } : rest, { replace: true });
  return <PlaceSearch label="Search articles" q={q ?? ""} pause={TYPING_PAUSE} onSearch={search} />;
}

function Nothing({ q, at }: { q: string; at: ArticlesPlace }) {
  const { q: _, ...rest } = at;
  if (!q) return <p class="tree-none muted">No collection yet. The first article makes one.</p>;
  return (
    <Empty
      icon="search"
      title="Nothing found"
      action={
        <button type="button" class="btn" onClick={() => go(rest)}>
          Clear the search
        </button>
      }
    >
      No article has “{q}” in its title.
    </Empty>
  );
}

interface ShelfProps {
  shelf: Collection;
  open: boolean;
  at: ArticlesPlace;
  tree: Tree;
  toggle: () => void;
  move: (article: Listed, by: 1 | -1) => Promise<void>;
  reload: () => Promise<void>;
}

function Shelf({ shelf, open, at, tree, toggle, move, reload }: ShelfProps) {
  const name = shelfName(shelf);
  return (
    <li>
      <div class="shelf">
        <button type="button" class="shelf-b" aria-expanded={open} onClick={toggle}>
          <span class="fold-i">
            <Icon name="right" size={14} flip />
          </span>
          <Icon name={glyph(shelf.icon)} size={16} />
          <span class="grow clip">
            <bdi>{name}</bdi>
          </span>
        </button>
        <span class="quiet-t num" aria-label={`${shelf.articles.length} articles`} role="img">
          {shelf.articles.length}
        </span>
        <ShelfMenu shelf={shelf} tree={tree} reload={reload} />
      </div>
      {open && (
        <ul class="books">
          {shelf.articles.map((article) => (
            <li key={article.id}>
              <Book article={article} at={at} move={move} />
            </li>
          ))}
          {shelf.articles.length === 0 && <li class="tree-none quiet-t">Nothing in it yet</li>}
        </ul>
      )}
    </li>
  );
}

/** Alt and an arrow move the article, where a mouse would drag it. */
function Book({ article, at, move }: { article: Listed; at: ArticlesPlace; move: ShelfProps["move"] }) {
  const current = at.article === article.id;
  const link = useRef<HTMLAnchorElement>(null);
  const { locale: _, ...place } = at;
  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : null;
    if (!by || !event.altKey) return;
    event.preventDefault();
    void move(article, by).then(() => link.current?.focus());
  };
  return (
    <a
      ref={link}
      class="book"
      href={address({ ...place, article: article.id })}
      aria-current={current ? "page" : undefined}
      aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
      title={`${article.title || article.slug}\nIn ${article.locales.map((one) => LANGUAGES[one] ?? one).join(", ")}. Alt and an arrow key move it.`}
      onKeyDown={onKeyDown}
    >
      <span class="grow clip">
        <bdi>{article.title || article.slug}</bdi>
      </span>
      {article.state === "draft" ? (
        <span class="quiet-t">Draft</span>
      ) : (
        article.changed && (
          <span class="edited" role="img" aria-label="Changes not published" title="Changes not published">
            <Icon name="edit" size={14} />
          </span>
        )
      )}
    </a>
  );
}

function ShelfMenu({ shelf, tree, reload }: { shelf: Collection; tree: Tree; reload: () => Promise<void> }) {
  const { me } = useDesk();
  const name = shelfName(shelf);
  const place = tree.collections.findIndex((one) => one.id === shelf.id);
  const to = (position: number) => async (): Promise<void> => {
    try {
      await changeCollection(shelf.id, { position });
      await reload();
      done(`${name} is now number ${position + 1}`);
    } catch (error) {
      problem(words(error));
    }
  };
  const items: MenuItem[] = [
    { label: "New article here", icon: "plus", pick: () => (asking.value = { what: "new-article", collection: shelf.id }) },
    { label: "Rename", icon: "edit", pick: () => (asking.value = { what: "collection", collection: shelf }) },
  ];
  if (place > 0) items.push({ label: "Move up", icon: "withdraw", pick: () => void to(place - 1)() });
  if (place < tree.collections.length - 1) items.push({ label: "Move down", icon: "deposit", pick: () => void to(place + 1)() });
  if (isAdmin(me)) items.push({ label: "Delete", icon: "trash", danger: true, pick: () => (asking.value = { what: "delete-collection", collection: shelf }) });
  return <Menu class="btn ghost sm icon shelf-m" label={`More about ${name}`} align="end" items={items} button={<Icon name="dots" size={16} />} />;
}

/** The drawing of a collection's icon; one that is not drawn here is a folder. */
export function glyph(icon: string): IconName {
  return icon in ICONS ? (icon as IconName) : "folder";
}

function remembered(): ReadonlySet<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(SHUT) ?? "[]"));
  } catch {
    return new Set();
  }
}

function remember(shut: ReadonlySet<string>): void {
  try {
    localStorage.setItem(SHUT, JSON.stringify([...shut]));
  } catch {
    // it is open again next time
  }
}
