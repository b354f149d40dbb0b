/** The mockups' own symbols: a 20 px grid, one line of 1.6 px, round ends. */

import type { JSX } from "preact";

export const PATHS = {
  alert: "M10 3.4 2.8 15.8h14.4zM10 8v3.6M10 13.7v.1",
  book: "M10 5.6C8.4 4.3 6 3.8 3 4v11c3-.2 5.4.3 7 1.6 1.6-1.3 4-1.8 7-1.6V4c-3-.2-5.4.3-7 1.6zM10 5.6v11",
  box: "m3.4 6.4 6.6-3 6.6 3v7.2l-6.6 3-6.6-3zM3.6 6.6l6.4 3 6.4-3M10 9.6v7",
  card: "M4.4 4.6h11.2a1.8 1.8 0 0 1 1.8 1.8v7.2a1.8 1.8 0 0 1-1.8 1.8H4.4a1.8 1.8 0 0 1-1.8-1.8V6.4a1.8 1.8 0 0 1 1.8-1.8zM2.6 8.4h14.8M5.6 12.4h3",
  chat: "M4.6 3.8h10.8A1.8 1.8 0 0 1 17.2 5.6v6.6a1.8 1.8 0 0 1-1.8 1.8H9.2l-4 3v-3h-.6a1.8 1.8 0 0 1-1.8-1.8V5.6a1.8 1.8 0 0 1 1.8-1.8z",
  check: "m4.2 10.6 3.8 3.8 7.8-8.6",
  checks: "m2.2 10.6 3.6 3.8 6.4-7.8M9 13.4l1 1 7.6-8.6",
  clock: "M3.1 10a6.9 6.9 0 1 0 13.8 0 6.9 6.9 0 1 0-13.8 0M10 6v4.2l2.6 1.8",
  copy: "M8.8 7h6a1.8 1.8 0 0 1 1.8 1.8v6a1.8 1.8 0 0 1-1.8 1.8h-6A1.8 1.8 0 0 1 7 14.8v-6A1.8 1.8 0 0 1 8.8 7zM13 4.8v-.2A1.6 1.6 0 0 0 11.4 3H5a1.8 1.8 0 0 0-1.8 1.8v6.4A1.6 1.6 0 0 0 4.8 13H5",
  deposit: "M10 3.2v8.4M6.4 8.2 10 11.8l3.6-3.6M3.4 12v2.8a1.6 1.6 0 0 0 1.6 1.6h10a1.6 1.6 0 0 0 1.6-1.6V12",
  doc: "M5 3.2h6.4L15.4 7v8.8a1.2 1.2 0 0 1-1.2 1.2H5.8a1.2 1.2 0 0 1-1.2-1.2V4M11.2 3.4V7h4M7.4 10.4h5.2M7.4 13.4h3.4",
  edit: "m12.6 4.2 3.2 3.2L7 16.2l-3.8.6.6-3.8z",
  headset: "M3.6 12.4V10a6.4 6.4 0 0 1 12.8 0v2.4M4 10.8h.8a1.2 1.2 0 0 1 1.2 1.2v2.2a1.2 1.2 0 0 1-1.2 1.2H4a1.2 1.2 0 0 1-1.2-1.2V12A1.2 1.2 0 0 1 4 10.8zM15.2 10.8h.8a1.2 1.2 0 0 1 1.2 1.2v2.2a1.2 1.2 0 0 1-1.2 1.2h-.8a1.2 1.2 0 0 1-1.2-1.2V12a1.2 1.2 0 0 1 1.2-1.2zM15.8 15.4c-.4 1.4-1.8 2-4 2",
  help: "M3.1 10a6.9 6.9 0 1 0 13.8 0 6.9 6.9 0 1 0-13.8 0M8 8.1c.1-1.2 1-1.8 2-1.8s2 .7 2 1.8c0 1.5-2 1.6-2 3.1M10 13.6v.1",
  home: "m3.2 9.4 6.8-6 6.8 6v6a1.4 1.4 0 0 1-1.4 1.4H4.6a1.4 1.4 0 0 1-1.4-1.4zM8 16.6v-4.2h4v4.2",
  left: "M12.2 5.4 7.6 10l4.6 4.6",
  link: "M11.4 3.6h5v5M16.2 3.8l-7.4 7.4M14.6 11.6v3.6a1.4 1.4 0 0 1-1.4 1.4H4.8a1.4 1.4 0 0 1-1.4-1.4V6.8a1.4 1.4 0 0 1 1.4-1.4h3.6",
  right: "m7.8 5.4 4.6 4.6-4.6 4.6",
  search: "M3.6 9a5.4 5.4 0 1 0 10.8 0A5.4 5.4 0 1 0 3.6 9M13 13l3.8 3.8",
  send: "M10 16V4.6M5.2 9.2 10 4.4l4.8 4.8",
  shield: "M10 2.8 4 5v4.6c0 3.6 2.2 6.2 6 7.6 3.8-1.4 6-4 6-7.6V5zM7.2 9.9l2 2 3.6-4",
  spark: "M10 2.8c.7 4 2.3 5.7 6.4 6.5-4.1.8-5.7 2.5-6.4 6.5-.7-4-2.3-5.7-6.4-6.5 4.1-.8 5.7-2.5 6.4-6.5zM16 14.2v3M14.5 15.7h3",
  sync: "M16.4 8.4A6.7 6.7 0 0 0 4.6 6.2L3.2 7.8M3.2 4v3.8H7M3.6 11.6a6.7 6.7 0 0 0 11.8 2.2l1.4-1.6M16.8 16v-3.8H13",
  truck: "M2.4 5h9v9h-9zM11.4 8.2h3.4l2.8 3V14h-6.2M4.3 14.8a1.7 1.7 0 1 0 3.4 0 1.7 1.7 0 1 0-3.4 0M12.5 14.8a1.7 1.7 0 1 0 3.4 0 1.7 1.7 0 1 0-3.4 0",
  withdraw: "M10 11.8V3.4M6.4 6.8 10 3.2l3.6 3.6M3.4 12v2.8a1.6 1.6 0 0 0 1.6 1.6h10a1.6 1.6 0 0 0 1.6-1.6V12",
  x: "m5.2 5.2 9.6 9.6M14.8 5.2l-9.6 9.6",
};

export type IconName = keyof typeof PATHS;

/** `flip`: points along the text, so it turns where text runs from the right. */
export function Icon({ name, size, flip }: { name: IconName; size?: number; flip?: boolean }): JSX.Element {
  return <Drawn path={PATHS[name]} size={size} flip={flip} />;
}

interface DrawnProps {
  path: string;
  size?: number | undefined;
  flip?: boolean | undefined;
}

/** An icon that only some screens have brings its own path. */
export function Drawn({ path, size = 20, flip }: DrawnProps): JSX.Element {
  return (
    <svg class={flip ? "i flip" : "i"} width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
