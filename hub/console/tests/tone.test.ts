import { describe, expect, it } from "vitest";
import { kindGlyph, statusGlyph, statusWord } from "../src/tone";

describe("D9 a status is the shop's word, with a glyph and a tone", () => {
  it.each([
    ["in_transit", "In transit"],
    ["completed", "Completed"],
    ["PAID", "PAID"],
    ["on-hold", "On hold"],
    ["versandt", "Versandt"],
  ])("D9: %s is shown as %s", (status, word) => expect(statusWord(status)).toBe(word));

  it("D9: no tone is told by colour alone", () => {
    const glyphs = (["positive", "warning", "negative", "info", "neutral"] as const).map((tone) => statusGlyph("x", tone));
    expect(new Set(glyphs).size).toBe(5);
  });

  it("D9: what is on its way and what came back have glyphs of their own", () => {
    expect(statusGlyph("in_transit", "info")).toBe("truck");
    expect(statusGlyph("delivered", "positive")).toBe("check");
    expect(statusGlyph("refunded", "negative")).toBe("refund");
  });

  it("D6: every kind of record has a glyph, and an unknown one too", () => {
    expect(kindGlyph("withdrawal")).toBe("withdraw");
    expect(kindGlyph("voucher" as "custom")).toBe("doc");
  });
});
