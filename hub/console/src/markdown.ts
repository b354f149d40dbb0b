/** What the buttons and keys of the article editor do to a text: each takes a selection and gives one. */

export interface Edit {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export type Command = (edit: Edit) => Edit;

const chosen = ({ text, start, end }: Edit): string => text.slice(start, end);

const replaced = ({ text, start, end }: Edit, by: string, from = by.length, to = from): Edit => ({
  text: text.slice(0, start) + by + text.slice(end),
  start: start + from,
  end: start + to,
});

/** Puts marks around the selection, or takes them away where they are. */
const around =
  (mark: string): Command =>
  (edit) => {
    const { text, start, end } = edit;
    const many = mark.length;
    const outside = isMark(text, start - many, mark) && isMark(text, end, mark);
    if (outside) {
      const inner = { text, start: start - many, end: end + many };
      return replaced(inner, chosen(edit), 0, end - start);
    }
    const words = chosen(edit);
    const inside = words.length > 2 * many && isMark(words, 0, mark) && isMark(words, words.length - many, mark);
    if (inside) return replaced(edit, words.slice(many, -many), 0, words.length - 2 * many);
    return replaced(edit, mark + words + mark, many, many + words.length);
  };

/** Exactly this mark, and not a part of a longer one: `*` is not half of `**`. */
function isMark(text: string, at: number, mark: string): boolean {
  if (at < 0 || text.slice(at, at + mark.length) !== mark) return false;
  const before = text[at - 1] === "*";
  const after = text[at + mark.length] === "*";
  return mark === "**" || !(before || after);
}

export const bold = around("**");
export const italic = around("*");

/** Whole lines of the selection, each changed, all of them selected afterwards. */
function lines(edit: Edit, change: (line: string, at: number) => string): Edit {
  const { text } = edit;
  const start = text.lastIndexOf("\n", edit.start - 1) + 1;
  const after = text.indexOf("\n", Math.max(edit.end - (edit.end > edit.start ? 1 : 0), start));
  const end = after < 0 ? text.length : after;
  const before = text.slice(start, end);
  const now = before.split("\n").map(change).join("\n");
  if (edit.start !== edit.end) return replaced({ text, start, end }, now, 0, now.length);
  const caret = Math.max(0, edit.start - start + now.length - before.length);
  return replaced({ text, start, end }, now, caret);
}

const BULLET = /^\s*(?:[-*+]|\d+[.)])\s+/;
const QUOTE = /^\s*>\s?/;
const HEADING = /^(#{1,6})\s+/;

/** A toggle: if every line begins so already, the beginning goes. */
const beginning = (mark: (at: number) => string, pattern: RegExp, any = pattern): Command => (edit) => {
  let all = true;
  lines(edit, (line) => ((all &&= pattern.test(line) || line.trim() === ""), line));
  return lines(edit, (line, at) => {
    if (line.trim() === "" && edit.start !== edit.end) return line;
    const bare = line.replace(any, "");
    return all && pattern.test(line) ? bare : mark(at) + bare;
  });
};

export const list = beginning(() => "- ", /^\s*[-*+]\s+/, BULLET);
export const numbers = beginning((at) => `${at + 1}. `, /^\s*\d+[.)]\s+/, BULLET);
export const quote = beginning(() => "> ", QUOTE);

const NEXT: { readonly [level: number]: string } = { 0: "## ", 2: "### " };

/** Two sizes below the title: none, large, small, and none again. */
export const heading: Command = (edit) =>
  lines(edit, (line) => (NEXT[HEADING.exec(line)?.[1]?.length ?? 0] ?? "") + line.replace(HEADING, ""));

/** A link with its words or its address left to be typed. */
export const link: Command = (edit) => {
  const words = chosen(edit);
  if (/^https?:\/\/\S+$/.test(words)) return replaced(edit, `[](${words})`, 1);
  const by = `[${words}](https://)`;
  return replaced(edit, by, words.length + 3, by.length - 1);
};

/** A product's card, on a line of its own. */
export const product =
  (id: string): Command =>
  (edit) => {
    const { text, start, end } = edit;
    const before = start === 0 || text.slice(0, start).endsWith("\n\n") ? "" : text[start - 1] === "\n" ? "\n" : "\n\n";
    const after = text.slice(end).startsWith("\n\n") ? "" : text[end] === "\n" ? "\n" : "\n\n";
    return replaced(edit, `${before}{{product: ${id}}}${after}`);
  };

/** What Enter does in a list or a quote: the next item begins, or an empty one ends it. Else null. */
export function enter(edit: Edit): Edit | null {
  const { text, start, end } = edit;
  if (start !== end) return null;
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const line = text.slice(from, start);
  const mark = (BULLET.exec(line) ?? QUOTE.exec(line))?.[0];
  if (!mark) return null;
  if (line === mark) return replaced({ text, start: from, end: start }, "");
  return replaced(edit, `\n${following(mark)}`);
}

const following = (mark: string): string => mark.replace(/\d+/, (number) => String(Number(number) + 1));

/** How many words a reader has before them; marks and places of products are none. */
export function wordCount(text: string): number {
  const plain = text.replace(/\{\{[^}]*\}\}/g, " ").replace(/\]\([^)]*\)/g, " ");
  return plain.match(/[\p{L}\p{N}](?:['’.,-]?[\p{L}\p{N}])*/gu)?.length ?? 0;
}

export interface Change {
  from: number;
  to: number;
  by: string;
}

/** The least that makes one text the other, so that undo takes back only that. */
export function difference(before: string, after: string): Change {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from += 1;
  let back = 0;
  const most = Math.min(before.length, after.length) - from;
  while (back < most && before[before.length - 1 - back] === after[after.length - 1 - back]) back += 1;
  return { from, to: before.length - back, by: after.slice(from, after.length - back) };
}
