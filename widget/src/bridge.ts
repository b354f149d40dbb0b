/** What loader and app tell each other across the frame's border, and whom each of them believes. */

import type { Appearance, AuthorKind, Time } from "../../chat/protocol";

/** Who the page says its visitor is, as it came: `app/identity.ts` reads it. */
export interface Identity {
  user_id?: unknown;
  user_hash?: unknown;
  user_token?: unknown;
  name?: unknown;
  email?: unknown;
  attributes?: unknown;
}

/** Where the visitor is on the merchant's site, without query and fragment: those may hold secrets. */
export interface PageSeen {
  url: string;
  title: string;
}

/** The looks, and what hubs have told since: whether an assistant answers, and in which language the shop speaks. */
export type Look = Appearance & { assistant?: boolean; locale?: string };

export interface Init {
  type: "init";
  appearance: Look;
  page: PageSeen;
  locales: (string | undefined)[]; // what the tag, the page and the browser say, in this order
  theme: string | undefined;
  said: Identity[]; // everything the page has said so far about who this is, in order
  note: Note;
  open: boolean;
}

/** From the loader on the merchant's page to the app in the frame. */
export type ToApp =
  | Init
  | { type: "open" }
  | { type: "close" }
  | { type: "new"; text: string }
  | { type: "article"; slug: string }
  | { type: "identify"; identity: Identity }
  | { type: "logout" }
  | { type: "page"; page: PageSeen };

/** A message as the page may hear of it: `SoftbetChat('on', 'message', fn)`. */
export interface Heard {
  id: string;
  conversation: string;
  text: string;
  author: { kind: AuthorKind; name: string };
  at: Time;
}

/**
 * The loader's only note, in the page's own storage: "" is nothing to come back to, "1" a session, "2" a
 * conversation that is still open, so that the next page builds the frame at once. Where a browser gives
 * a foreign frame no storage, the token of an unverified session follows: "2vst_…".
 */
export type Note = string;

/** The loader's few words in the visitor's language, which only the app knows in full. */
export interface Says {
  open: string; // with the number of unread messages
  close: string;
  dialog: string;
  count: string; // on the bubble; "" for none
  flash: string; // for the title of a tab nobody looks at
}

/** From the app in the frame to the loader. */
export type ToPage =
  | { type: "ready" }
  | { type: "close" }
  | { type: "state"; unread: number; online: boolean | null; note: Note | null; says: Says } // null: not known yet
  | { type: "message"; message: Heard }
  | { type: "warn"; text: string };

/** `origin` is exact: another page in the same window never reads it. */
export function tell(to: Window, origin: string, message: ToApp | ToPage): void {
  to.postMessage({ parley: message }, origin);
}

/** Hear messages from exactly this window at exactly this origin, and nobody else. */
export function listen<M extends ToApp | ToPage>(
  from: () => Window | null | undefined,
  origin: string,
  hear: (message: M) => void,
): void {
  window.addEventListener("message", (event) => {
    if (event.origin !== origin || !event.source || event.source !== from()) return;
    const message = (event.data as { parley?: M } | null)?.parley;
    if (typeof message?.type === "string") hear(message);
  });
}
