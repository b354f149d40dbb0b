/** Parts that are fetched when they are first shown, so that the first screen need not wait for them. */

import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";

/** Their styles: a constructed sheet needs no word in the policy. */
export function adopt(css: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

type Part<P> = (props: P) => JSX.Element | null;

/** `meanwhile` holds the place; `failed` is shown when the part does not come, with a way to try again. */
export function later<P extends object>(
  load: () => Promise<Part<P>>,
  meanwhile: Part<P>,
  failed: (retry: () => void) => JSX.Element | null,
): Part<P> {
  const part = signal<Part<P> | null>(null);
  const broken = signal(false);
  let tries = 0;
  const fetch = (): void => {
    broken.value = false;
    // A hub that was updated meanwhile has other files by now: then only a new start helps.
    if (tries++ > 1 && navigator.onLine) return location.reload();
    load().then((found) => (part.value = found), () => (broken.value = true));
  };
  return (props) => {
    useEffect(() => {
      if (!part.peek()) fetch();
    }, []);
    const Part = part.value;
    if (Part) return <Part {...props} />;
    return broken.value ? failed(fetch) : meanwhile(props);
  };
}
