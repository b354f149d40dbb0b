import { describe, expect, it } from "vitest";
import { ENOUGH, ratio, readable, verdict } from "../src/contrast";

describe("W18 text on the brand's colour can be read", () => {
  it("W18: black on white is 21 to 1", () => expect(ratio("#000000", "#ffffff")).toBeCloseTo(21, 5));

  it("W18: the usual violet takes white text", () => {
    expect(readable("#7650FF")).toMatchObject({ on: "#ffffff", fill: "#7650FF" });
    expect(verdict("#7650FF")).toMatchObject({ tone: "positive" });
  });

  it("W18: a light colour gets black text, and Settings warns", () => {
    expect(readable("#ffb400").on).toBe("#000000");
    expect(verdict("#ffb400").tone).toBe("warning");
    expect(verdict("#ffb400").words).toMatch(/Too light for white text/);
  });

  it("W18: there is no colour on which neither can be read", () => {
    for (let red = 0; red < 256; red += 15) {
      for (let green = 0; green < 256; green += 15) {
        const colour = `#${[red, green, 128].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
        expect(readable(colour).ratio).toBeGreaterThanOrEqual(ENOUGH);
      }
    }
  });
});
