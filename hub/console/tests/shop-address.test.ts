import { describe, expect, it } from "vitest";
import { shopAddress, whyNone } from "../src/shop-address";

describe("S1 whatever a merchant pastes becomes the shop's address", () => {
  it.each([
    ["kestrel", "kestrel.myshopify.com"],
    ["  Kestrel-Clay ", "kestrel-clay.myshopify.com"],
    ["kestrel.myshopify.com", "kestrel.myshopify.com"],
    ["https://kestrel.myshopify.com/admin/orders?x=1", "kestrel.myshopify.com"],
    ["kestrel.myshopify.com.", "kestrel.myshopify.com"],
    ["https://admin.shopify.com/store/kestrel", "kestrel.myshopify.com"],
    ["admin.shopify.com/store/kestrel-clay/settings/domains", "kestrel-clay.myshopify.com"],
  ])("S1: %s", (typed, host) => expect(shopAddress("shopify", typed)).toBe(host));

  it.each([
    "",
    "   ",
    "kestrel clay",
    "-kestrel",
    "kestrelandclay.example", // the shop's own domain, not its name at the vendor
    "https://evil.example/kestrel.myshopify.com",
    "kestrel.myshopify.com.evil.example",
    "admin.shopify.com",
    "javascript:alert(1)",
    "<b>",
  ])("S1: %j is no shop of theirs", (typed) => expect(shopAddress("shopify", typed)).toBeNull());

  it("C5: a connector without habits takes any host", () => {
    expect(shopAddress("woocommerce", "https://shop.northfold.example/wp-admin/")).toBe("shop.northfold.example");
    expect(shopAddress("woocommerce", "northfold")).toBeNull();
  });

  it("S1: who typed another address is told which one is meant", () => {
    expect(whyNone("shopify", "kestrelandclay.example")).toContain(".myshopify.com");
    expect(whyNone("shopify", " ")).toBe("Type your shop’s address.");
  });
});
