/** The console's live preview: the real Home with an appearance that is still being edited, and no session. */

import type { Look } from "../bridge";
import { ask } from "./api";
import { appearance, online } from "./state";
import { followTheme } from "./theme";

interface Preview {
  type: "preview";
  appearance: Look;
  theme: string;
  online: boolean;
}

/** Believes only the window around it, and only on its own origin: the console. */
export function preview(widget: string): void {
  window.addEventListener("message", ({ origin, source, data }) => {
    if (origin !== location.origin || source !== window.parent) return;
    const said = data as Partial<Preview> | null;
    if (said?.type !== "preview" || !said.appearance) return;
    appearance.value = said.appearance;
    online.value = said.online !== false;
    followTheme(said.theme);
  });
  window.parent.postMessage({ type: "preview-ready" }, location.origin);
  void ask<Look>("GET", `/api/v1/widget/${encodeURIComponent(widget)}`).then((saved) => {
    appearance.value ??= saved; // until the console says more
    online.value ??= true;
  });
}
