/** What the bubble says before there is an app to ask: each byte here costs every visitor of every page. */

const OPEN: { [language: string]: string } = {
  de: "Chat öffnen",
  fr: "Ouvrir le chat",
  es: "Abrir el chat",
  pt: "Abrir o chat",
  ar: "فتح الدردشة",
  en: "Open chat",
};

/** In the first wanted language there are words in; the app soon says the same and more. */
export function openWords(locales: readonly unknown[]): string {
  return [...locales, "en"].map((locale) => OPEN[`${locale}`.slice(0, 2)]).find(Boolean)!;
}
