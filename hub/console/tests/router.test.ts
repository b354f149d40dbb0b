import { describe, expect, it } from "vitest";
import { address, INBOX, parse, type Place } from "../src/router";

describe("G1 the address holds every filter", () => {
  const there = (at: string): Place => {
    const url = new URL(at, "http://hub.example");
    return parse(url.pathname, url.search);
  };

  it.each([
    "/console/inbox",
    "/console/inbox/cnv_1",
    "/console/inbox/cnv_1?tab=all&status=resolved&q=where+is+it",
    "/console/inbox/cnv_1?tab=unassigned&customer=1",
    "/console/inbox/a%2Fb%3Fc",
    "/console/settings",
    "/console/settings/install",
    "/console/settings/launcher",
    "/console/settings/developers",
    "/console/settings/integrations/con_1",
    "/console/settings/integrations/connect/shopify?problem=cancelled&shop=kestrel",
    "/console/settings/discounts?state=issued",
    "/console/settings/assistant",
    "/console/inbox?tab=assistant",
    "/console/articles",
    "/console/articles/art_1?lang=de&q=dish",
  ])("G1: %s says the same there and back", (at) => expect(address(there(at))).toBe(at));

  it("G1: what is as usual is not in the address", () => {
    expect(address({ ...INBOX, tab: "mine", status: "open" })).toBe("/console/inbox");
  });

  it("G1: nonsense in an address is the usual view, never an error", () => {
    expect(there("/console/inbox?tab=everything&status=lost")).toEqual(INBOX);
    expect(there("/console/nowhere/else")).toEqual(INBOX);
    expect(there("/console/settings/moon")).toEqual({ screen: "settings", page: null });
    expect(there("/console/inbox/%E0%A4%A")).toMatchObject({ conversation: "%E0%A4%A" });
  });

  it("G1: the bare console is the inbox", () => expect(there("/console")).toEqual(INBOX));
});
