import { describe, expect, it } from "vitest";
import { amount } from "../src/money";

const money = (text: string, currency: string) =>
  amount({ minor: Number(text.replace(".", "")), currency, text }).replace(/\u00a0/g, " ");

describe("D8 amounts in the currency's own digits", () => {
  it.each([
    ["86.40", "EUR", "€86.40"],
    ["12400", "JPY", "¥12,400"],
    ["214.750", "KWD", "KWD 214.750"],
    ["0.00", "USD", "$0.00"],
    ["-24.00", "EUR", "-€24.00"],
    ["1.2300", "USD", "$1.2300"],
  ])("D8: %s %s is written %s", (text, currency, written) => {
    expect(money(text, currency)).toBe(written);
  });

  it("D8: not a cent is lost where a float would lose one", () => {
    expect(money("90071992547409.93", "EUR")).toBe("€90,071,992,547,409.93");
  });

  it("D8: a code that is no currency is shown as it came", () => {
    expect(money("120", "POINTS")).toBe("120 POINTS");
  });
});
