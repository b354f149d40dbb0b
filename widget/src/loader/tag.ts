/** What the merchant wrote on the script tag. */

import type { Identity } from "../bridge";

export interface Tag {
  id: string;
  hub: string; // the origin the script came from
  nonce: string;
  side: string | undefined;
  x: number | undefined;
  y: number | undefined;
  theme: string | undefined;
  locales: (string | undefined)[];
  user: Identity;
}

declare global {
  interface Window {
    PingBackWidgetId?: unknown;
  }
}

/** The tag this script came by, or null when it names no widget. */
export function readTag(): Tag | null {
  const script = ownScript();
  const data = script?.dataset ?? {};
  const id = `${data.appId || window.PingBackWidgetId}`;
  if (!script?.src || !/^[\w-]{24,64}$/.test(id)) return null;
  return {
    id,
    hub: new URL(script.src).origin,
    nonce: script.nonce,
    side: /^(left|right)$/.exec(data.position ?? "")?.[0],
    x: pixels(data.offsetX),
    y: pixels(data.offsetY),
    theme: data.theme,
    locales: [data.locale, document.documentElement.lang, ...navigator.languages],
    user: { user_id: data.userId, user_hash: data.userHash },
  };
}

/** `currentScript` is somebody else's when a plugin has merged all scripts into one. */
function ownScript(): HTMLScriptElement | null {
  const ours = "script[data-app-id],script[src*='/widget.js']";
  const current = document.currentScript as HTMLScriptElement | null;
  return current?.matches(ours) ? current : document.querySelector(ours);
}

/** "28" and "28px" are 28; anything else on the tag is left out as if it were not there. */
function pixels(text = ""): number | undefined {
  const found = /^ *(\d{1,4})(px)? *$/.exec(text);
  return found ? +found[1]! : undefined;
}
