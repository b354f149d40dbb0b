/** What the widget does to the merchant's page itself, and undoes: scrolling on a phone, the title. */

/** Keep the page still behind a full-screen panel, and the panel above the keyboard. */
export function fullScreen(panel: HTMLElement): (open: boolean) => void {
  const small = matchMedia("(max-width:480px),(max-height:480px)");
  const seen = window.visualViewport;
  let open = false;
  let undo: (() => void) | null = null;

  const fit = (): void => {
    const full = open && small.matches;
    if (full) undo ??= hold();
    else undo = undo?.() ?? null;
    // On iOS the keyboard covers the page without shrinking it: only the visual viewport knows.
    panel.style.cssText = full && seen ? `height:${seen.height}px;top:${seen.offsetTop}px` : "";
  };
  small.onchange = fit;
  seen?.addEventListener("resize", fit);
  seen?.addEventListener("scroll", fit);
  return (now) => {
    open = now;
    fit();
  };
}

/** The body cannot be scrolled, clicked or tabbed into; the widget stands beside it. */
function hold(): () => void {
  const { body } = document;
  const root = document.documentElement.style;
  const before = [root.overflow, body.style.overflow, body.inert] as const;
  root.overflow = body.style.overflow = "hidden";
  body.inert = true;
  return () => {
    [root.overflow, body.style.overflow, body.inert] = before;
  };
}

let flashing = 0;

/** Blink the title of a tab nobody looks at, until somebody does. */
export function flashTitle(text: string): void {
  if (!document.hidden || flashing) return;
  let own = document.title;
  flashing = window.setInterval(() => {
    const ours = document.title === text;
    if (!ours) own = document.title; // the page may name itself anew meanwhile
    if (ours || document.hidden) document.title = ours ? own : text;
    if (!document.hidden) flashing = clearInterval(flashing) ?? 0;
  }, 1000);
}
