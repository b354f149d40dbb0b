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

  it.each([
    ["https://shop.northfold.example/wp-admin/", "shop.northfold.example"],
    [" HTTPS://Shop.Northfold.example/ ", "shop.northfold.example"],
    ["northfold.example/Store/", "northfold.example/Store"],
    ["https://northfold.example/store/wp-admin/admin.php?page=wc-settings#x", "northfold.example/store"],
    ["http://northfold.example", "http://northfold.example"],
    ["http://127.0.0.1:9200", "http://127.0.0.1:9200"],
  ])("C5: of a site of one's own the path and http are kept: %s", (typed, host) =>
    expect(shopAddress("woocommerce", typed)).toBe(host));

  it.each(["northfold", "", "ftp://northfold.example", "https://a:b@northfold.example", "javascript:alert(1)"])(
    "C5: %j is no site",
    (typed) => expect(shopAddress("woocommerce", typed)).toBeNull(),
  );

  it("S1: who typed another address is told which one is meant", () => {
    expect(whyNone("shopify", "kestrelandclay.example")).toContain(".myshopify.com");
    expect(whyNone("shopify", " ")).toBe("Type your shop’s address.");
  });
});
