import { describe, expect, it } from "vitest";
import { shortAddress, webAddress } from "../src/address";
import { problems, previewed, type OwnAppearance } from "../src/appearance";
import { deviceName } from "../src/device";
import { facts, label } from "../src/facts";
import { parts } from "../src/links";
import { initials } from "../src/person";
import { curl, html, widgetId, wooCommerce } from "../src/snippets";
import { source } from "../src/source";

describe("B4 addresses from outside", () => {
  it.each(["javascript:alert(1)", "data:text/html,x", " java\nscript:alert(1)", "//evil.example", "shop/1", "", "vbscript:x"])(
    "D12: %j is no link",
    (text) => expect(webAddress(text)).toBeNull(),
  );

  it("D12: http and https are", () => {
    expect(webAddress("https://shop.example/orders/1")).toBe("https://shop.example/orders/1");
    expect(webAddress("http://localhost:8000/")).toBe("http://localhost:8000/");
  });

  it("G2: the page a visitor is on is shown short", () => {
    expect(shortAddress("https://shop.example/cart?x=1#y")).toBe("shop.example/cart");
    expect(shortAddress("https://shop.example/")).toBe("shop.example");
  });
});

describe("B4 addresses in messages", () => {
  it("B4: only web addresses become links, the rest stays as it was written", () => {
    expect(parts("See https://shop.example/a?b=1. Or javascript:alert(1)")).toEqual([
      { text: "See ", url: null },
      { text: "https://shop.example/a?b=1", url: "https://shop.example/a?b=1" },
      { text: ". Or javascript:alert(1)", url: null },
    ]);
  });

  it("B4: no letter is lost, whatever is written", () => {
    for (const text of ["", "https://", "<img src=x>", "(http://a.example)", "a\nb https://x.example/ü!"]) {
      expect(parts(text).map((part) => part.text).join("")).toBe(text);
    }
  });
});

describe("W1 the snippets", () => {
  const ids = { scriptUrl: "https://chat.example/widget.js", appId: "icw_abc", widgetId: "0b6c1a52" };

  it("J2: the HTML snippet brings the queue before the deferred script", () => {
    const text = html(ids);
    expect(text.indexOf("SoftbetChat.q")).toBeLessThan(text.indexOf('data-app-id="icw_abc"'));
    expect(text).toContain('src="https://chat.example/widget.js"');
  });

  it("W14: the widget id embed is PingBack's", () => {
    expect(widgetId(ids)).toContain('window.PingBackWidgetId = "0b6c1a52";');
    expect(widgetId(ids)).toContain("async></script>");
  });

  it("C3: the WooCommerce snippet posts to this hub", () => {
    expect(wooCommerce(ids)).toContain("wp_remote_post('https://chat.example/v1/chat/ingest/records'");
    expect(wooCommerce(ids)).toContain("hash_hmac('sha256', (string) $u->ID, 'YOUR_IDENTITY_SECRET')");
  });

  it("D1: the example request carries valid JSON", () => {
    const body = /-d '(.*)'$/s.exec(curl("https://chat.example", "wgk_1", "records"))![1]!;
    expect(JSON.parse(body).records[0].reference).toBe("DEP-77");
  });
});

describe("I8 claims stay apart from facts", () => {
  const fact = (value: string, verified: boolean) => ({ value, verified, source: verified ? "shopify" : "browser", at: "" });
  const customer = {
    id: null,
    external_id: "",
    source: "browser",
    name: "Eve",
    assurance: "claimed",
    verified: false,
    profile: { avatar_url: fact("x", false), phone: fact("1", true), email: fact("e@x", false), name: fact("Eve", false) },
    attributes: { vip_tier: fact("Gold", false) },
    created_at: null,
  } as const;

  it("I8: a claimed name is listed as a claim", () => {
    const rows = facts(customer);
    expect(rows.map((row) => row.label)).toEqual(["Name", "Email", "Phone", "VIP tier"]);
    expect(rows[0]!.fact.verified).toBe(false);
  });

  it("G2: words for keys", () => {
    expect(label("lifetime_spend")).toBe("Lifetime spend");
    expect(label("signedUp")).toBe("Signed up");
  });

  it("G2: every source has a name, an unknown one its own", () => {
    expect(source("customer_data").name).toBe("Customer-Data API");
    expect(source("browser").name).toBe("Claimed in the browser");
    expect(source("magento")).toMatchObject({ name: "magento", letter: "M" });
  });
});

describe("W16 the launcher's form", () => {
  const saved: OwnAppearance = {
    id: "w",
    name: "Kestrel",
    welcome_heading: "Hi",
    welcome_tagline: "",
    primary_color: "#7650FF",
    on_primary: "#ffffff",
    fill: "#7650FF",
    show_online_badge: true,
    logo_url: null,
    position: "right",
    offset_x: 20,
    offset_y: 20,
    launcher_size: "medium",
    own_button: false,
    assistant: false,
    domain: "",
  };

  it("W18: the preview computes the text colour as the hub will", () => {
    expect(previewed(saved, { primary_color: "#ffb400" })).toMatchObject({ on_primary: "#000000", fill: "#ffb400" });
  });

  it("W18: half a colour keeps the last whole one in the preview", () => {
    expect(previewed(saved, { primary_color: "#ff" }).fill).toBe("#7650FF");
  });

  it("W19: a logo that is no web address is refused and never shown", () => {
    expect(problems({ ...saved, logo_url: "javascript:x" }).logo_url).toBeTruthy();
    expect(previewed(saved, { logo_url: "javascript:x" }).logo_url).toBeNull();
  });

  it("W7: offsets stay within reason", () => {
    expect(problems({ ...saved, offset_x: -1, offset_y: NaN })).toMatchObject({ offset_x: expect.any(String), offset_y: expect.any(String) });
    expect(problems(saved)).toEqual({});
  });
});

describe("R6 sessions and people", () => {
  it.each([
    ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "Chrome on Linux"],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", "Safari on iPhone"],
    ["Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"],
    ["curl/8.5.0", "curl"],
    ["", "Unknown device"],
  ])("R6: %s is %s", (agent, name) => expect(deviceName(agent)).toBe(name));

  it.each([["Amara Okafor", "AO"], ["Visitor", "V"], ["", "?"], ["李 小龍", "李小"], ["  (VIP) ann  lee ", "VL"]])(
    "G1: the initials of %j are %s",
    (name, letters) => expect(initials(name)).toBe(letters),
  );
});
