/** What every part of the screen may reach for: the chat itself, and the way out. */

import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { Chat } from "./chat";

export interface Reach {
  chat: Chat;
  close(): void;
}

export const ReachContext = createContext<Reach | null>(null);

export function useChat(): Reach {
  return useContext(ReachContext)!;
}

/** True once `what` has been true for `wait` milliseconds: what is over sooner should not flash by. */
export function useAfter(what: boolean, wait: number): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!what) return setLate(false);
    const timer = setTimeout(() => setLate(true), wait);
    return () => clearTimeout(timer);
  }, [what, wait]);
  return what && late;
}
