/** People on screen: initials, a steady colour each, and a name where there is none. */

const COLOURS = [
  "#6b3fa0", "#a33a5a", "#1f5f8b", "#1d6b58", "#8a4b14", "#4a5a1c", "#7a3d78",
  "#2d5aa0", "#5a3fd0", "#0f6a5f", "#9a4521", "#8a3b6b",
] as const; // white reads on each

const NAMELESS = "Visitor";

export const nameOf = (name: string | null | undefined): string => name?.trim() || NAMELESS;

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const picked = words.length > 1 ? [words[0]!, words.at(-1)!] : words;
  return picked.map((word) => first(word).toLocaleUpperCase()).join("") || "?";
}

/** The same person has the same colour on every screen and every day. */
export function colour(key: string): string {
  let hash = 0;
  for (const character of key) hash = (hash * 31 + character.codePointAt(0)!) >>> 0;
  return COLOURS[hash % COLOURS.length]!;
}

export const firstName = (name: string): string => nameOf(name).split(/\s+/)[0]!;

const first = (word: string): string => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? "";
