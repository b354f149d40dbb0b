/** The pictures a merchant may choose for a collection, beside those the widget has anyway. */

import { PATHS } from "../parts/icon";

export const MORE = {
  gift: "M3.4 7.4h13.2v3H3.4zM4.6 10.4v6.2h10.8v-6.2M10 7.4v9.2M10 7.4C7 7.4 5.4 6.4 5.4 5S8.6 3 10 7.4C11.4 3 14.6 3.6 14.6 5S13 7.4 10 7.4z",
  mail: "M4.6 4.4h10.8a1.8 1.8 0 0 1 1.8 1.8v7.6a1.8 1.8 0 0 1-1.8 1.8H4.6a1.8 1.8 0 0 1-1.8-1.8V6.2a1.8 1.8 0 0 1 1.8-1.8zM3.4 6l6.6 5 6.6-5",
  refund: "M7.2 4 3.6 7.6l3.6 3.6M3.8 7.6h8a4.3 4.3 0 0 1 0 8.6H7",
  smile: "M3.1 10a6.9 6.9 0 1 0 13.8 0 6.9 6.9 0 1 0-13.8 0M7 12c.7 1 1.7 1.6 3 1.6s2.3-.6 3-1.6M7.6 7.9v.3M12.4 7.9v.3",
  star: "m10 3 2.1 4.5 4.9.6-3.6 3.3.9 4.9-4.3-2.4-4.3 2.4.9-4.9L3 8.1l4.9-.6z",
  tag: "M3.4 4.6v5l7 7a1.5 1.5 0 0 0 2.1 0l4.1-4.1a1.5 1.5 0 0 0 0-2.1l-7-7h-5a1.2 1.2 0 0 0-1.2 1.2zM6.8 6.9v.2",
};

export const THUMB =
  "M6.6 9 9.4 3.4c1.2 0 1.9.8 1.9 1.9v2.5h3.6a1.5 1.5 0 0 1 1.5 1.8l-.9 5a1.5 1.5 0 0 1-1.5 1.2H6.6zM6.6 9H3.6v6.8h3";

/** A collection's picture; a book for names we do not know. */
export function pathOf(icon: string): string {
  const all: { [name: string]: string } = { ...PATHS, ...MORE };
  return Object.hasOwn(all, icon) ? all[icon]! : PATHS.book;
}
