import { describe, expect, it } from "vitest";
import { bold, type Command, difference, type Edit, enter, heading, italic, link, list, numbers, product, quote, wordCount } from "../src/markdown";

/** A text with its selection between bars: `a |b| c`, or a caret `a| b`. */
function edit(marked: string): Edit {
  const start = marked.indexOf("|");
  const last = marked.lastIndexOf("|");
  return { text: marked.replaceAll("|", ""), start, end: last === start ? start : last - 1 };
}

function marked({ text, start, end }: Edit): string {
  if (start === end) return `${text.slice(0, start)}|${text.slice(start)}`;
  return `${text.slice(0, start)}|${text.slice(start, end)}|${text.slice(end)}`;
}

const CASES: readonly [string, Command, string, string][] = [
  ["bold", bold, "a |b| c", "a **|b|** c"],
  ["bold again", bold, "a **|b|** c", "a |b| c"],
  ["bold, marks selected", bold, "a |**b**| c", "a |b| c"],
  ["bold with nothing chosen", bold, "a |", "a **|**"],
  ["italic", italic, "|b|", "*|b|*"],
  ["italic in bold is not taken for it", italic, "**|b|**", "***|b|***"],
  ["heading", heading, "one\ntw|o", "one\n## tw|o"],
  ["heading twice", heading, "## tw|o", "### tw|o"],
  ["heading three times", heading, "### tw|o", "tw|o"],
  ["list", list, "|one\ntwo|", "|- one\n- two|"],
  ["list again", list, "|- one\n- two|", "|one\ntwo|"],
  ["list leaves empty lines", list, "|one\n\ntwo|", "|- one\n\n- two|"],
  ["numbers of a list", numbers, "|- one\n- two|", "|1. one\n2. two|"],
  ["quote", quote, "o|ne", "> o|ne"],
  ["quote again", quote, "> o|ne", "o|ne"],
  ["link from words", link, "see |here| now", "see [here](|https://|) now"],
  ["link from an address", link, "|https://a.example/b|", "[|](https://a.example/b)"],
  ["product in a text", product("prd_1"), "one|two", "one\n\n{{product: prd_1}}\n\n|two"],
  ["product at the start", product("prd_1"), "|", "{{product: prd_1}}\n\n|"],
];

describe("J7 the buttons of the editor", () => {
  it.each(CASES)("J7: %s", (_, command, before, after) => expect(marked(command(edit(before)))).toBe(after));

  it.each([
    ["- one|", "- one\n- |"],
    ["2. one|", "2. one\n3. |"],
    ["> one|", "> one\n> |"],
    ["- one\n- |", "- one\n|"],
  ])("J7: Enter makes %j into %j", (before, after) => expect(marked(enter(edit(before))!)).toBe(after));

  it("J7: elsewhere Enter is the browser's own", () => {
    expect(enter(edit("one|"))).toBeNull();
    expect(enter(edit("- |one|"))).toBeNull();
  });

  it("J7: only what differs is typed, so that undo takes back only that", () => {
    expect(difference("one two", "one **two**")).toEqual({ from: 4, to: 7, by: "**two**" });
    expect(difference("same", "same")).toEqual({ from: 4, to: 4, by: "" });
    expect(difference("aa", "aaa")).toEqual({ from: 2, to: 2, by: "a" });
    expect(difference("**b**", "b")).toEqual({ from: 0, to: 5, by: "b" });
  });

  it.each([
    ["Top rack, 40-degree wash. Don’t.", 5],
    ["1. [Read on](https://a.example/b-c)\n\n{{product: prd_1}}", 3],
    ["غسالة الصحون", 2],
    ["", 0],
  ])("J7: %j has %i words", (text, many) => expect(wordCount(text)).toBe(many));
});
