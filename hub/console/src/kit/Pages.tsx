/** A list that the hub gives in pages: the first, and the next ones when asked for. */

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { words } from "../http";
import type { Loaded } from "../loaded";

export interface Page<T> {
  items: T[];
  next: string | null;
}

export interface Pages<T> {
  at: Loaded<Page<T>>;
  adding: boolean;
  load: () => void;
  restart: () => void; // as load, with nothing on screen meanwhile
  more: () => Promise<void>;
  change: (change: (page: Page<T>) => Page<T>) => void;
}

/** Pages of what `fetch` answers; an answer that comes after another question is let go. */
export function usePages<T>(fetch: (after?: string) => Promise<Page<T>>): Pages<T> {
  const [at, setAt] = useState<Loaded<Page<T>>>({ state: "loading" });
  const [adding, setAdding] = useState(false);
  const turn = useRef(0);
  const change = (change: (page: Page<T>) => Page<T>): void =>
    setAt((known) => (known.state === "ready" ? { state: "ready", value: change(known.value) } : known));
  const load = (): void => {
    const mine = (turn.current += 1);
    fetch().then(
      (value) => mine === turn.current && setAt({ state: "ready", value }),
      (error) => mine === turn.current && setAt({ state: "failed", problem: words(error) }),
    );
  };
  const restart = (): void => {
    setAt({ state: "loading" });
    load();
  };
  const more = async (): Promise<void> => {
    if (at.state !== "ready" || !at.value.next) return;
    const mine = turn.current;
    setAdding(true);
    try {
      const { items, next } = await fetch(at.value.next);
      if (mine === turn.current) change((page) => ({ items: [...page.items, ...items], next }));
    } catch {
      // what is there stays, and the button can be pressed again
    }
    setAdding(false);
  };
  return { at, adding, load, restart, more, change };
}

export function More<T>({ pages, children }: { pages: Pages<T>; children: ComponentChildren }) {
  const { at, adding, more } = pages;
  if (at.state !== "ready" || !at.value.next) return null;
  return (
    <div class="more">
      <button type="button" class="btn ghost sm" disabled={adding} onClick={more}>
        {adding ? "Loading…" : children}
      </button>
    </div>
  );
}
