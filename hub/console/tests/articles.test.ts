import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Article, type Collection, found, helpfulText, homeOf, minutes, olderThanHome, shelfName, step, type Text, textState } from "../src/articles";
import { Refusal } from "../src/http";
import { Manuscript } from "../src/manuscript";
import { storage } from "./make";

const text = (change: Partial<Text> = {}): Text => ({
  title: "Dishwasher",
  body: "Top rack.",
  state: "published",
  changed: false,
  updated_at: "2026-11-20T10:00:00Z",
  updated_by: "Ruben Vega",
  published_at: "2026-11-20T10:00:00Z",
  ...change,
});

const line = (id: string, title = id): Collection["articles"][number] => ({
  id,
  slug: id,
  title,
  state: "published",
  locales: ["en"],
  changed: false,
});

const shelves: Collection[] = [
  { id: "care", names: { en: "Care" }, icon: "heart", position: 0, articles: [line("a", "Gold rims"), line("b", "Dishwasher")] },
  { id: "away", names: { de: "Versand" }, icon: "truck", position: 1, articles: [line("c")] },
  { id: "none", names: {}, icon: "book", position: 2, articles: [] },
];

describe("J7 the help centre as agents write it", () => {
  it("J7: a text is not written, a draft, public, or public with changes", () => {
    expect(textState(undefined)).toBe("none");
    expect(textState(text({ state: "draft", changed: true }))).toBe("draft");
    expect(textState(text())).toBe("published");
    expect(textState(text({ changed: true }))).toBe("changed");
  });

  it("J7: a translation older than its original is said to be", () => {
    const texts: Article["texts"] = {
      en: text(),
      de: text({ published_at: "2026-11-21T10:00:00Z" }),
      fr: text({ published_at: "2026-11-01T10:00:00Z" }),
      ar: text({ state: "draft", published_at: null }),
    };
    expect(homeOf({ texts })).toBe("en");
    expect(olderThanHome({ texts })).toEqual(["fr"]);
    expect(homeOf({ texts: { ar: text({ state: "draft" }) } })).toBe("ar");
  });

  it("J7: a search keeps what has every word, with its collection", () => {
    expect(found(shelves, "dish").map(({ id, articles }) => [id, articles.length])).toEqual([["care", 1]]);
    expect(found(shelves, "gold dish")).toEqual([]);
    expect(found(shelves, "  ")).toHaveLength(3);
  });

  it("J7: an article moves by one, over the edge into the next collection", () => {
    expect(step(shelves, "a", 1)).toEqual({ collection: "care", position: 1 });
    expect(step(shelves, "b", 1)).toEqual({ collection: "away", position: 0 });
    expect(step(shelves, "c", -1)).toEqual({ collection: "care", position: 2 });
    expect(step(shelves, "a", -1)).toBeNull();
  });

  it("J7: a collection without the reader's language is named in another", () => {
    expect(shelves.map(shelfName)).toEqual(["Care", "Versand", "Unnamed"]);
  });

  it("W13: the rating is a share of those who said something", () => {
    expect(helpfulText({ yes: 38, no: 3 })).toBe("93% of 41 found it helpful");
    expect(helpfulText({ yes: 0, no: 0 })).toBe("Nobody has rated it yet");
  });

  it("W13: reading takes a minute at least", () => {
    expect(minutes("")).toBe("1 min read");
    expect(minutes("word ".repeat(500))).toBe("3 min read");
  });
});

describe("J7 a text that is written is never lost", () => {
  const save = vi.fn();
  const read = vi.fn();
  const newer = () => new Refusal(409, "newer", "Ruben Vega has saved this text in between.");
  let store: Storage;
  const paper = (now: Text | undefined = text()) => new Manuscript(store, "agt_1", "art_1", "en", now, { save, read });
  beforeEach(() => {
    vi.useFakeTimers();
    store = storage();
    save.mockReset().mockResolvedValue({ updated_at: "2026-11-22T12:00:00Z" });
  });
  afterEach(() => vi.useRealTimers());

  it("J7: it is saved by itself when the hand rests", async () => {
    const written = paper();
    written.write({ body: "Top" });
    written.write({ body: "Top rack only." });
    expect(written.saving.value.state).toBe("unsaved");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(save.mock.calls).toEqual([["art_1", "en", "Dishwasher", "Top rack only.", "2026-11-20T10:00:00Z"]]);
    expect(written.saving.value.state).toBe("saved");
    expect(store.getItem("parley.article.agt_1.art_1.en")).toBeNull();
  });

  it("J7: what was typed before a session ended is there again after it, and is saved", async () => {
    save.mockRejectedValueOnce(new Refusal(401, "unauthenticated", "Sign in first."));
    const before = paper();
    before.write({ body: "Mine" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(before.saving.value.state).toBe("failed");
    before.close();
    const after = paper();
    expect(after.words.value.body).toBe("Mine");
    await vi.advanceTimersByTimeAsync(10);
    expect(after.saving.value.state).toBe("saved");
  });

  it("J7: a hub that cannot be reached is asked again, one that refuses is not", async () => {
    save.mockRejectedValueOnce(new Refusal(0, "unreachable", "Away."));
    const written = paper();
    written.write({ title: "New" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(save).toHaveBeenCalledTimes(2);
    save.mockRejectedValueOnce(new Refusal(422, "invalid", "Too long.", "title"));
    written.write({ title: "Newer" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledTimes(3);
    expect(written.saving.value).toMatchObject({ state: "failed", field: "title" });
  });

  it("J7: what is typed while it is saved is saved after it", async () => {
    let finish = (_: unknown): void => undefined;
    save.mockImplementationOnce(() => new Promise((resolve) => (finish = resolve)));
    const written = paper();
    written.write({ body: "One" });
    await vi.advanceTimersByTimeAsync(1_000);
    written.write({ body: "One two" });
    finish({ updated_at: "2026-11-22T12:00:00Z" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(save.mock.lastCall?.[3]).toBe("One two");
    expect(written.saving.value.state).toBe("saved");
  });

  it("J7: publishing waits until everything is saved, and stops when it cannot be", async () => {
    const written = paper();
    written.write({ body: "Last words" });
    await written.flush();
    expect(save).toHaveBeenCalledTimes(1);
    save.mockRejectedValue(new Refusal(0, "unreachable", "Away."));
    written.write({ body: "More" });
    await expect(written.flush()).rejects.toThrow("Away.");
  });

  it("J7: without a title it waits here, and says so", async () => {
    const written = new Manuscript(store, "agt_1", "art_1", "de", undefined, { save, read });
    written.write({ body: "Ja." });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).not.toHaveBeenCalled();
    expect(written.saving.value).toMatchObject({ state: "failed", field: "title" });
    written.write({ title: "Spülmaschine" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(written.saving.value.state).toBe("saved");
  });

  it("J7: somebody else's text is taken over while nothing here waits", () => {
    const written = paper();
    written.heard(text({ body: "Theirs", updated_at: "2026-11-22T13:00:00Z" }));
    expect(written.words.value.body).toBe("Theirs");
    expect(written.overtaken.value).toBeNull();
  });

  it("J7: of two texts nobody loses one unasked", async () => {
    const written = paper();
    written.write({ body: "Mine" });
    written.heard(text({ body: "Theirs", updated_at: "2026-11-22T13:00:00Z" }));
    expect(written.overtaken.value?.body).toBe("Theirs");
    expect(written.words.value.body).toBe("Mine");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).not.toHaveBeenCalled();
    written.settle("ours");
    await vi.advanceTimersByTimeAsync(10);
    expect(save.mock.lastCall?.slice(3)).toEqual(["Mine", "2026-11-22T13:00:00Z"]);
  });

  it("J7: a text that the hub has newer is not saved over: both are there, and one decides", async () => {
    save.mockRejectedValueOnce(newer());
    read.mockResolvedValueOnce(text({ body: "Theirs", updated_at: "2026-11-22T11:00:00Z" }));
    const written = paper();
    written.write({ body: "Mine" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledTimes(1);
    expect(written.overtaken.value).toMatchObject({ body: "Theirs", by: "Ruben Vega" });
    expect(written.words.value.body).toBe("Mine");
    await expect(written.flush()).rejects.toThrow("Choose first");
    written.settle("ours");
    await vi.advanceTimersByTimeAsync(10);
    expect(save.mock.lastCall?.slice(3)).toEqual(["Mine", "2026-11-22T11:00:00Z"]);
    expect(written.saving.value.state).toBe("saved");
  });

  it("J7: nobody chose before the page was left: it is asked again, and nothing is saved", async () => {
    save.mockRejectedValueOnce(newer());
    const theirs = text({ body: "Theirs", updated_at: "2026-11-22T11:00:00Z" });
    read.mockResolvedValueOnce(theirs);
    const before = paper();
    before.write({ body: "Mine" });
    await vi.advanceTimersByTimeAsync(2_000);
    before.write({ body: "Mine, longer" });
    before.close();
    const between = paper(theirs);
    between.write({ body: "Mine, longest" });
    between.close();
    const after = paper(theirs);
    after.heard(theirs);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledTimes(1);
    expect(after.overtaken.value?.body).toBe("Theirs");
    expect(after.words.value.body).toBe("Mine, longest");
  });

  it("J7: one's own text, saved while only the answer was lost, is nobody else's", async () => {
    save.mockRejectedValueOnce(new Refusal(0, "unreachable", "Away.")).mockRejectedValueOnce(newer());
    read.mockResolvedValueOnce(text({ body: "One", updated_at: "2026-11-22T11:00:00Z" }));
    const written = paper();
    written.write({ body: "One" });
    await vi.advanceTimersByTimeAsync(1_000);
    written.write({ body: "One two" });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(written.overtaken.value).toBeNull();
    expect(save.mock.lastCall?.slice(3)).toEqual(["One two", "2026-11-22T11:00:00Z"]);
    expect(written.saving.value.state).toBe("saved");
  });

  it("J7: an answer that comes late does not take a saved text back", async () => {
    const written = paper();
    written.write({ body: "Newest" });
    await vi.advanceTimersByTimeAsync(1_000);
    written.heard(text());
    expect(written.words.value.body).toBe("Newest");
  });

  it("J7: a text kept here is not saved over one that is newer on the hub", async () => {
    store.setItem("parley.article.agt_1.art_1.en", JSON.stringify({ title: "Dishwasher", body: "Mine", since: "2026-11-01T00:00:00Z" }));
    const written = paper(text({ body: "Theirs" }));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).not.toHaveBeenCalled();
    written.settle("theirs");
    expect(written.words.value.body).toBe("Theirs");
    expect(written.saving.value.state).toBe("saved");
  });
});
