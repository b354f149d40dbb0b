/** Something a screen fetches when it opens: loading, there, or failed and to be tried again. */

import { type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { words } from "./http";

export type Loaded<T> = { state: "loading" } | { state: "failed"; problem: string } | { state: "ready"; value: T };

export interface Loading<T> {
  readonly at: Signal<Loaded<T>>;
  load: () => Promise<void>;
  change: (change: (value: T) => T) => void;
}

export function useLoaded<T>(fetch: () => Promise<T>): Loading<T> {
  const loading = useMemo(() => loader(fetch), []);
  useEffect(() => void loading.load(), [loading]);
  return loading;
}

function loader<T>(fetch: () => Promise<T>): Loading<T> {
  const at = signal<Loaded<T>>({ state: "loading" });
  return {
    at,
    /** What is there already stays on screen while it is fetched again. */
    async load() {
      if (at.value.state === "failed") at.value = { state: "loading" };
      try {
        at.value = { state: "ready", value: await fetch() };
      } catch (error) {
        if (at.value.state !== "ready") at.value = { state: "failed", problem: words(error) };
      }
    },
    change(change) {
      if (at.value.state === "ready") at.value = { state: "ready", value: change(at.value.value) };
    },
  };
}
