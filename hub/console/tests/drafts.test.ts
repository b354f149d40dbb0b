import { describe, expect, it } from "vitest";
import { Drafts, EMPTY } from "../src/drafts";
import { storage } from "./make";

describe("G5 drafts are never lost", () => {
  it("G5: a draft is there again after the page was reloaded", () => {
    const store = storage();
    new Drafts(store, "agt_1").change("cnv_1", { reply: "Dear Am" });
    expect(new Drafts(store, "agt_1").of("cnv_1").value).toEqual({ ...EMPTY, reply: "Dear Am" });
  });

  it("G5: every conversation has its own, and reply and note are apart", () => {
    const drafts = new Drafts(storage(), "agt_1");
    drafts.change("cnv_1", { reply: "to the customer" });
    drafts.change("cnv_1", { mode: "note", note: "to the team" });
    drafts.change("cnv_2", { reply: "another" });
    expect(drafts.of("cnv_1").value).toMatchObject({ reply: "to the customer", note: "to the team" });
    expect(drafts.of("cnv_2").value.reply).toBe("another");
  });

  it("V6: another agent on the same machine does not see them", () => {
    const store = storage();
    new Drafts(store, "agt_1").change("cnv_1", { reply: "mine" });
    expect(new Drafts(store, "agt_2").of("cnv_1").value).toEqual(EMPTY);
  });

  it("G5: a draft that was sent leaves nothing behind", () => {
    const store = storage();
    const drafts = new Drafts(store, "agt_1");
    drafts.change("cnv_1", { reply: "Hi" });
    drafts.change("cnv_1", EMPTY);
    expect(store.getItem("parley.drafts.agt_1")).toBe("{}");
  });

  it("G5: without storage one can still write", () => {
    const refusing = { ...storage(), setItem: () => { throw new Error("full"); } };
    const drafts = new Drafts(refusing, "agt_1");
    drafts.change("cnv_1", { reply: "Hi" });
    expect(drafts.of("cnv_1").value.reply).toBe("Hi");
  });

  it("G5: junk in the storage is an empty draft, not a broken page", () => {
    const store = storage();
    store.setItem("parley.drafts.agt_1", "{nonsense");
    expect(new Drafts(store, "agt_1").of("cnv_1").value).toEqual(EMPTY);
  });
});
