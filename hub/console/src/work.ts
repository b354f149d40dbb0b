/** The desk of whoever is signed in, for every component below the shell. */

import { createContext } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
import type { HubEvent } from "../../../chat/protocol";
import type { Desk } from "./desk";

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("outside the shell nobody is signed in");
  return desk;
}

/** Does it soon after news that matter here; several that come together are one. */
export function useNews(matters: (event: HubEvent) => boolean, act: () => unknown, pause: number): void {
  const { news } = useDesk();
  const newest = useRef({ matters, act });
  newest.current = { matters, act };
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const end = news.subscribe((event) => {
      if (!event || !newest.current.matters(event)) return;
      clearTimeout(soon);
      soon = setTimeout(() => newest.current.act(), pause);
    });
    return () => {
      clearTimeout(soon);
      end();
    };
  }, [news]);
}
