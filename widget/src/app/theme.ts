/** Colours and direction on the document: the merchant's brand, light or dark, left or right. */

import { effect } from "@preact/signals";
import { appearance, language } from "./state";

export function followTheme(wanted: string | undefined): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = (): void => {
    const isDark = wanted === "dark" || (wanted !== "light" && dark.matches);
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
  };
  dark.onchange = apply;
  apply();
}

export function followBrand(): void {
  effect(() => {
    const look = appearance.value;
    if (!look) return;
    const { style } = document.documentElement;
    style.setProperty("--brand", look.primary_color);
    style.setProperty("--brand-fill", look.fill);
    style.setProperty("--on-brand", look.on_primary);
    style.setProperty("--on-brand-inverse", look.on_primary === "#ffffff" ? "#000000" : "#ffffff");
    document.title = look.name;
  });
}

export function followLanguage(): void {
  effect(() => {
    document.documentElement.lang = language.value.locale;
    document.documentElement.dir = language.value.direction;
  });
}
