/** Light, dark, or what the machine says; remembered in this browser. */

export type Theme = "light" | "dark" | "auto";

const KEY = "parley.theme";

export function preference(): Theme {
  const kept = read();
  return kept === "light" || kept === "dark" ? kept : "auto";
}

export function choose(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
  paint(theme);
}

/** The tokens know light and dark only, so `auto` is resolved here. */
export function paint(theme: Theme): void {
  const dark = theme === "auto" ? matchMedia("(prefers-color-scheme: dark)").matches : theme === "dark";
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
