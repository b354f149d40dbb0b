/** The pictures a merchant may choose for a collection, beside those the widget has anyway. */

import { PATHS } from "../parts/icon";

const MORE = {
  down: "M5.4 7.8l4.6 4.6 4.6-4.6",
  gift: "M3.4 7.2h13.2v3H3.4zM4.6 10.2v6.2h10.8v-6.2M10 7.2v9.2M10 7.2C8 7.2 6.4 6.6 6.4 5.2s2.4-2 3.6 2c1.2-4 3.6-3.4 3.6-2s-1.6 2-3.6 2",
  globe: "M3.1 10a6.9 6.9 0 1 0 13.8 0a6.9 6.9 0 1 0 -13.8 0zM3.2 10h13.6M10 3.1c2.3 2 3.2 4.3 3.2 6.9s-.9 4.9-3.2 6.9c-2.3-2-3.2-4.3-3.2-6.9S7.7 5.1 10 3.1z",
  heart: "M10 16.4C5 13 3 10.4 3 7.7a3.5 3.5 0 0 1 6.4-2l.6.8.6-.8a3.5 3.5 0 0 1 6.4 2c0 2.7-2 5.3-7 8.7z",
  out: "M11.6 3.6H5.2a1.6 1.6 0 0 0-1.6 1.6v9.6a1.6 1.6 0 0 0 1.6 1.6h6.4M8.4 10h8.2M13.6 6.8 16.8 10l-3.2 3.2",
  person: "M6.8 6.8a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0 -6.4 0zM3.8 16.8c.6-3.2 2.9-5 6.2-5s5.6 1.8 6.2 5",
  refund: "M7.2 4 3.6 7.6l3.6 3.6M3.8 7.6h8a4.3 4.3 0 0 1 0 8.6H7",
  tag: "M3.4 4.6v5l7 7a1.5 1.5 0 0 0 2.1 0l4.1-4.1a1.5 1.5 0 0 0 0-2.1l-7-7h-5a1.2 1.2 0 0 0-1.2 1.2zM6.8 6.9v.2",
  tool: "M12.4 3.4a4 4 0 0 0-3.6 5.4l-5.4 5.4a1.6 1.6 0 0 0 2.4 2.4l5.4-5.4a4 4 0 0 0 5.4-3.6l-2.4 1.4-2-2z",
  wallet: "M3.2 6.2a1.6 1.6 0 0 1 1.6-1.6h9.2v2.6M3.2 6.2v8a1.6 1.6 0 0 0 1.6 1.6h10.4a1.6 1.6 0 0 0 1.6-1.6V8.8a1.6 1.6 0 0 0-1.6-1.6H4.2M13.6 11.4v.1",
};

export const THUMB =
  "M6.6 9 9.4 3.4c1.2 0 1.9.8 1.9 1.9v2.5h3.6a1.5 1.5 0 0 1 1.5 1.8l-.9 5a1.5 1.5 0 0 1-1.5 1.2H6.6zM6.6 9H3.6v6.8h3";

/** A collection's picture; a book for names we do not know. */
export function pathOf(icon: string): string {
  const all: { [name: string]: string } = { ...PATHS, ...MORE };
  return Object.hasOwn(all, icon) ? all[icon]! : PATHS.book;
}
