/** What is shown: text that stays text, addresses that are safe, lines in their order. */

import { describe, expect, it } from "vitest";
import type { Message } from "../../chat/protocol";
import { ago, day, initials, money, statusWord } from "../src/app/format";
import { claims, fingerprint, subject } from "../src/app/identity";
import { toLines } from "../src/app/lines";
import { linked, safeUrl } from "../src/app/safe";
import { language } from "../src/app/state";
import { speech, spoken } from "../src/app/words";
import { message, say } from "./hub";

describe("addresses", () => {
  it.each([
    "javascript:alert(1)",
    " javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://x/1",
    "//evil.example",
    "/relative",
    "http://",
    "",
    null,
    undefined,
  ])("B4 %j is no address", (text) => {
    expect(safeUrl(text)).toBeNull();
  });

  it("B4 http and https are", () => {
    expect(safeUrl("https://shop.example/a?b=c")).toBe("https://shop.example/a?b=c");
    expect(safeUrl("http://shop.example")).toBe("http://shop.example/");
  });

  it("B4 links only the addresses in a text, and leaves the rest as it is", () => {
    expect(linked("<b>See</b> https://a.example/x_(y), (or http://b.example). javascript:alert(1)")).toEqual([
      "<b>See</b> ",
      { href: "https://a.example/x_(y)", text: "https://a.example/x_(y)" },
      ", (or ",
      { href: "http://b.example/", text: "http://b.example" },
      "). javascript:alert(1)",
    ]);
    expect(linked("https://")).toEqual(["https://"]);
    expect(linked("")).toEqual([]);
  });
});

describe("identity", () => {
  it("J8 adds up facts about one customer, and begins anew for another", () => {
    const said = [{ user_id: 1, name: "Ann", attributes: { a: 1 } }, { email: "ann@x.example", attributes: { b: 2 } }];
    expect(claims(said)).toEqual({ user_id: "1", name: "Ann", email: "ann@x.example", attributes: { a: 1, b: 2 } });
    expect(claims([...said, { user_id: "2" }])).toEqual({ user_id: "2" });
  });

  it("V3 takes nothing else along", () => {
    expect(claims([{ user_id: "1", verified: true, assurance: "hmac" } as never])).toEqual({ user_id: "1" });
  });

  it.each([[[]], [[{}]], [[null as never]], [[{ user_id: "" }]], [["x" as never]]])("I9 %j says nothing", (said) => {
    expect(claims(said)).toBeNull();
  });

  it("V7 a fingerprint tells claims apart and gives none of them away", () => {
    const one = fingerprint({ user_id: "1", user_hash: "secret" });
    expect(one).not.toBe(fingerprint({ user_id: "2", user_hash: "secret" }));
    expect(one).toMatch(/^[a-z0-9]{1,10}$/);
    expect(subject({ user_id: "1" })).toBe("1");
  });
});

describe("lines", () => {
  const at = (message: Message, time: string): Message => ({ ...message, at: time });
  const kinds = (lines: ReturnType<typeof toLines>): string[] =>
    lines.map((line) => (line.type === "bubble" ? line.key : line.type === "meta" ? line.delivery : line.type));

  it("W21 says Sent or Seen under each of our turns, and who speaks above theirs", () => {
    const said = [
      at(message("a", 1, "visitor"), "2026-11-22T10:00:00Z"),
      at(message("b", 2), "2026-11-22T10:01:00Z"),
      at(message("c", 3), "2026-11-22T10:02:00Z"),
      at(message("d", 4, "visitor"), "2026-11-22T10:03:00Z"),
    ];
    expect(kinds(toLines(said, [], 1, true))).toEqual(["day", "a", "seen", "by", "b", "c", "d", "sent"]);
  });

  it("W20 shows what is on its way as sending or waiting, and what was refused where it was said", () => {
    const said = [at(message("a", 1), "2026-11-22T10:00:00Z"), at(message("b", 2), "2026-11-22T10:10:00Z")];
    const refused = { frame: say("x"), at: Date.parse("2026-11-22T10:05:00Z"), failed: true };
    const going = { frame: say("y"), at: Date.parse("2026-11-22T10:01:00Z"), failed: false };
    expect(kinds(toLines(said, [refused, going], 0, true))).toEqual(
      ["day", "by", "a", "x", "failed", "by", "b", "y", "sending"],
    );
    expect(kinds(toLines(said, [going], 0, false)).at(-1)).toBe("waiting");
  });

  it("W20 never shows a message twice while its ack and its event cross", () => {
    const own = message("x", 1, "visitor");
    expect(kinds(toLines([own], [{ frame: say("x"), at: 1, failed: false }], 0, true))).toEqual(["day", "x", "sent"]);
  });
});

describe("words", () => {
  it("D8 writes money exactly, with its currency's own digits", () => {
    expect(money({ minor: 8640, currency: "EUR", text: "86.40" })).toBe("€86.40");
    expect(money({ minor: 12400, currency: "JPY", text: "12400" })).toBe("¥12,400");
    expect(money({ minor: 214750, currency: "KWD", text: "214.750" })).toMatch(/^KWD\s214\.750$/);
    expect(money({ minor: 9007199254740993, currency: "USD", text: "90071992547409.93" })).toBe("$90,071,992,547,409.93");
    expect(money({ minor: 1, currency: "nonsense", text: "0.01" })).toBe("0.01 nonsense");
  });

  it("D9 writes the shop's own status readable", () => {
    expect(statusWord("on-hold")).toBe("On hold");
    expect(statusWord("partially_refunded")).toBe("Partially refunded");
  });

  it("W23 speaks of time as people do", () => {
    const back = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
    expect(ago(back(0))).toBe("Now");
    expect(ago(back(5.5))).toBe("5 min");
    expect(day(back(0))).toBe("Today");
    expect(day(back(24 * 60))).toBe("Yesterday");
    expect(day("2019-03-04T12:00:00Z")).toBe("Mar 4, 2019");
  });

  it("W23 takes the first locale that has words, and copes with nonsense", async () => {
    expect(spoken(["sv-SE", undefined, "de-AT", "en-GB"])).toBe("de-AT");
    expect(spoken(["en_GB", "de"])).toBe("en-GB");
    expect(spoken(["en", "de-AT", "en-GB"])).toBe("en-GB"); // an English page in a British browser
    expect(spoken(["de", "en-GB"])).toBe("de");
    expect(spoken(["not a locale", "", "x", "constructor"])).toBe("");
    expect(await speech("")).toMatchObject({ locale: "en", direction: "ltr" });
    expect(await speech("ar-EG")).toMatchObject({ locale: "ar-EG", direction: "rtl" });
    expect(language.value.direction).toBe("ltr");
  });

  it.each([["Nadia Okafor", "NO"], ["Nadia", "NA"], ["Kestrel & Clay", "KC"], ["", ""], ["李小龍", "李小"]])(
    "W19 %j is %j in a circle",
    (name, letters) => expect(initials(name)).toBe(letters),
  );
});
