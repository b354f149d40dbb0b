import { describe, expect, it } from "vitest";
import { hostOf } from "../src/connecting";
import { gives, type ShopCode, terms, until, uses } from "../src/shop-codes";

const euros = (minor: number) => ({ minor, currency: "EUR", text: (minor / 100).toFixed(2) });

const code = (change: Partial<ShopCode> = {}): ShopCode => ({
  id: "shc_1",
  code: "welcome10",
  title: "",
  store: "Kettle",
  kind: "percent",
  percent: "12.5",
  amount: null,
  minimum: null,
  free_shipping: false,
  starts_at: null,
  expires_at: null,
  usage_limit: null,
  used: 0,
  personal: false,
  restricted: false,
  state: "active",
  ...change,
});

describe("X1 a shop's own code in a few words", () => {
  it("says what it takes off", () => {
    expect(gives(code())).toBe("12.5% off");
    expect(gives(code({ free_shipping: true }))).toBe("12.5% off, free shipping");
    expect(gives(code({ kind: "cart", percent: "", amount: euros(500) }))).toBe("€5.00 off the order");
    expect(gives(code({ kind: "product", percent: "", amount: euros(300) }))).toBe("€3.00 off a product");
    expect(gives(code({ kind: "shipping", percent: "", free_shipping: true }))).toBe("Free shipping");
    expect(gives(code({ kind: "other", percent: "" }))).toBe("Something of its own");
    expect(gives(code({ kind: "cart", percent: "" }))).toBe("Something of its own"); // an amount nobody could read
  });

  it("says for whom and for what, where there is a limit", () => {
    expect(terms(code())).toBe("");
    expect(terms(code({ minimum: euros(2000) }))).toBe("Only orders from €20.00");
    expect(terms(code({ restricted: true }))).toBe("Only certain products");
    expect(terms(code({ minimum: euros(2000), restricted: true, personal: true }))).toBe(
      "Only orders from €20.00, certain products, certain addresses",
    );
  });

  it("says until when, or from when on", () => {
    const now = new Date("2026-11-22T12:00:00Z");
    expect(until(code(), now)).toBe("no end");
    expect(until(code({ expires_at: "2027-01-05T12:00:00Z" }), now)).toContain("2027");
    expect(until(code({ state: "scheduled", starts_at: "2026-12-24T12:00:00Z" }), now)).toMatch(/^from .*24/);
  });

  it("counts its uses", () => {
    expect(uses(code({ used: 7 }))).toBe("7");
    expect(uses(code({ used: 1200, usage_limit: 5000 }))).toBe("1,200 of 5,000");
  });
});

describe("C5 the widget is looked for on the shop's own host", () => {
  it.each([
    ["shop.example", "shop.example"],
    ["Shop.example:8080/store", "shop.example"],
    ["shop.example/store", "shop.example"],
  ])("%s", (shop, host) => expect(hostOf(shop)).toBe(host));
});
