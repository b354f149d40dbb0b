/** Nothing said is lost, nothing heard comes twice: over a line that breaks in every way. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox } from "../src/app/outbox";
import { Store } from "../src/app/store";
import { FakeSocket, TOKEN, WELCOME, added, line, say, socket } from "./hub";

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const after = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe("greeting", () => {
  it("V7 carries the token in the first frame and never in the address", () => {
    line();
    socket().accept();
    expect(socket().url).toBe(`${location.origin.replace("http", "ws")}/v1/chat/socket`);
    expect(socket().frames).toEqual([{ type: "hello", token: TOKEN, epoch: null, seq: null }]);
  });

  it("W20 says nothing before it is welcome", () => {
    const { connection } = line();
    connection.send(say("m1"));
    socket().accept();
    connection.tell({ type: "typing", conversation: "c1000000", on: true });
    expect(socket().frames).toHaveLength(1);
    socket().say(WELCOME);
    expect(socket().sent("send")).toEqual([say("m1")]);
    expect(socket().sent("typing")).toEqual([]);
  });
});

describe("saying", () => {
  it("W20 keeps a message until it is acknowledged, and then forgets it", () => {
    const { connection, outbox, confirmed } = line();
    socket().greet();
    connection.send(say("m1"));
    expect(outbox.all().map(({ frame }) => frame.id)).toEqual(["m1"]);
    socket().say({ type: "ack", id: "m1", conversation: "c1000000", seq: 1, at: null });
    expect(outbox.all()).toEqual([]);
    expect(confirmed).toEqual(["m1"]);
  });

  it("W20 sends again, in order and under the same ids, what was not acknowledged", async () => {
    const { connection } = line();
    socket().greet();
    connection.send(say("m1"));
    connection.send(say("m2"));
    socket().say({ type: "ack", id: "m1", conversation: "c1000000", seq: 1, at: null });
    connection.send(say("m3"));
    socket().drop();
    await after(500);
    socket().greet({ resumed: true });
    expect(socket().sent("send")).toEqual([say("m2"), say("m3")]);
  });

  it("W20 takes the event for the ack when the ack got lost", async () => {
    const { connection, outbox } = line();
    socket().greet();
    connection.send(say("m1"));
    socket().drop();
    await after(500);
    socket().greet({ resumed: true });
    socket().say(added(11, "m1"));
    expect(outbox.all()).toEqual([]);
  });

  it("W20 what was typed while offline survives a reload and is sent later under its id", () => {
    const { connection } = line(new Store("w"));
    connection.send(say("m1", "typed in a tunnel"));
    line(new Store("w"));
    socket().greet();
    expect(socket().sent("send")).toEqual([say("m1", "typed in a tunnel")]);
  });

  it("W20 a refused message waits for the visitor, not for the next reconnection", async () => {
    const { connection, outbox } = line();
    socket().greet();
    connection.send(say("m1"));
    socket().say({ type: "error", code: "invalid", message: "no", id: "m1", field: "text", retry_after: null });
    expect(outbox.all()[0]).toMatchObject({ failed: true });
    socket().drop();
    await after(500);
    socket().greet({ resumed: true });
    expect(socket().sent("send")).toEqual([]);
    connection.retry("m1");
    expect(socket().sent("send")).toEqual([say("m1")]);
  });

  it("N2 comes back by itself after the time a busy hub asked for", async () => {
    const { connection, outbox } = line();
    socket().greet();
    connection.send(say("m1"));
    socket().say({ type: "error", code: "too_many_requests", message: "", id: "m1", field: null, retry_after: 3 });
    expect(outbox.all()[0]).toMatchObject({ failed: false });
    await after(3000);
    expect(socket().sent("send")).toHaveLength(2);
  });

  it("W20 keeps the order of what was said within one millisecond", () => {
    const store = new Store("w");
    const outbox = new Outbox(store);
    for (const id of ["m3", "m1", "m2"]) outbox.add(say(id));
    expect(new Set(outbox.all().map(({ at }) => at)).size).toBe(3);
    expect(new Outbox(store).all().map(({ frame }) => frame.id)).toEqual(["m3", "m1", "m2"]);
  });
});

describe("hearing", () => {
  it("W20 resumes after the last event it heard, and ignores what it knows", async () => {
    const { heard } = line();
    socket().greet();
    socket().say(added(11, "a"));
    socket().say(added(15, "b"));
    socket().drop(1012);
    await after(500);
    socket().accept();
    expect(socket().frames[0]).toMatchObject({ epoch: "e1", seq: 15 });
    socket().say({ ...WELCOME, seq: 20, resumed: true });
    for (const [seq, id] of [[15, "b"], [16, "c"], [16, "c"], [12, "a"], [20, "d"]] as const) socket().say(added(seq, id));
    expect(heard).toEqual(["a", "b", "c", "d"]);
  });

  it("W20 after a welcome that could not resume goes on from the log's head", async () => {
    const { welcomes, heard } = line();
    socket().greet();
    socket().drop();
    await after(500);
    socket().greet({ epoch: "e2", seq: 3, resumed: false });
    expect(welcomes.map(({ resumed }) => resumed)).toEqual([false, false]);
    socket().say(added(4, "x"));
    expect(heard).toEqual(["x"]);
    socket().drop();
    await after(500);
    socket().accept();
    expect(socket().frames[0]).toMatchObject({ epoch: "e2", seq: 4 });
  });

  it("W20 keeps its place when it is cut off before what it missed has come", async () => {
    line();
    socket().greet();
    socket().drop();
    await after(500);
    socket().greet({ seq: 30, resumed: true });
    socket().drop();
    await after(500);
    socket().accept();
    expect(socket().frames[0]).toMatchObject({ seq: 10 });
  });

  it("W20 ignores what a newer hub may say", () => {
    const { heard } = line();
    socket().greet();
    expect(() => {
      socket().say({ type: "weather", sunny: true });
      socket().say({ type: "SomethingNew", seq: 11 });
      socket().say(added(12, "a"));
    }).not.toThrow();
    expect(heard).toEqual(["SomethingNew", "a"]);
  });
});

describe("coming back", () => {
  it("W20 is hopeful again after each welcome", async () => {
    line();
    for (let attempt = 1; attempt < 6; attempt++) {
      socket().greet().drop();
      await after(500);
      expect(FakeSocket.all).toHaveLength(attempt + 1);
    }
  });

  it("W20 backs off by doubling while nobody answers, half of it by chance", async () => {
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    const { statuses } = line();
    const began = Date.now();
    const times: number[] = [];
    socket().drop();
    for (let half = 0; half < 140; half++) {
      const before = FakeSocket.all.length;
      await after(500);
      if (FakeSocket.all.length > before) {
        times.push((Date.now() - began) / 1000);
        socket().drop();
      }
    }
    // 0.5, then one poll after 1 and websockets again after 2, 4; a poll after 8, websockets after 16, 30 …
    expect(times).toEqual([0.5, 3.5, 7.5, 31.5, 61.5]);
    expect(statuses.at(-1)).toBe("offline");
  });

  it("W20 does not hurry a hub that said it is too much", async () => {
    line();
    socket().greet();
    socket().drop(4429);
    await after(15_000);
    expect(FakeSocket.all).toHaveLength(1);
    await after(1000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it.each([4401, 4409])("V6 does not come back with a token the hub calls dead (%d)", async (code) => {
    const state = line();
    socket().greet();
    socket().drop(code);
    await after(120_000);
    expect(state.refused).toBe(1);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("W20 pings, and hangs up on a line that does not answer", async () => {
    const { statuses } = line();
    socket().greet();
    await after(25_000);
    expect(socket().sent("ping")).toHaveLength(1);
    socket().say({ type: "pong" });
    await after(25_000);
    expect(socket().sent("ping")).toHaveLength(2);
    await after(10_000);
    expect(socket().state).toBe("closed");
    expect(statuses.at(-1)).toBe("offline");
    await after(500);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("W20 does not wait for a hub that never says welcome", async () => {
    line();
    socket().accept();
    await after(10_000);
    expect(socket().state).toBe("closed");
  });

  it("W20 comes back at once when the network does", async () => {
    const { connection } = line();
    socket().greet();
    connection.sleep();
    expect(socket().state).toBe("closed");
    connection.wake();
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("W20 stays quiet once stopped", async () => {
    const { connection } = line();
    socket().greet();
    connection.stop();
    connection.wake();
    await after(120_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("where websockets are blocked", () => {
  interface Asked {
    epoch: string | null;
    seq: number | null;
    frames: { type: string }[];
    wait: number;
  }

  /** A hub that can only be polled; null: it has nothing to say until the wait is over. */
  function pollable(answers: (asked: Asked) => object[] | null): Asked[] {
    const polls: Asked[] = [];
    vi.stubGlobal("fetch", (_: string, { body, headers, signal }: { body: string; headers: object; signal: AbortSignal }) => {
      expect(headers).toMatchObject({ Authorization: `Bearer ${TOKEN}` });
      const asked = JSON.parse(body) as Asked;
      polls.push(asked);
      const frames = answers(asked);
      return new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        const welcome = { ...WELCOME, resumed: asked.seq !== null };
        const answer = (): void => resolve(new Response(JSON.stringify({ frames: [welcome, ...(frames ?? [])] })));
        if (frames) answer();
        else setTimeout(answer, asked.wait * 1000);
      });
    });
    return polls;
  }

  async function blocked(): Promise<void> {
    socket().drop();
    await after(500);
    socket().drop();
    await after(1000);
  }

  it("W20 asks by HTTP after two websockets in a row have failed", async () => {
    const polls = pollable(({ wait }) => (wait ? null : []));
    const { statuses } = line();
    await blocked();
    expect(polls.map(({ wait, seq }) => [wait, seq])).toEqual([[0, null], [25, 10]]);
    expect(statuses.at(-1)).toBe("online");
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("W20 breaks off its waiting to say something, and confirms it like any other", async () => {
    const polls = pollable(({ wait, frames }) =>
      wait ? null : frames.map(() => ({ type: "ack", id: "m1", conversation: "c1000000", seq: 1, at: null })),
    );
    const { connection, outbox, confirmed } = line();
    await blocked();
    connection.send(say("m1"));
    await after(10);
    expect(polls.map(({ frames }) => frames.length)).toEqual([0, 0, 1, 0]);
    expect(confirmed).toEqual(["m1"]);
    expect(outbox.all()).toEqual([]);
  });

  it("W20 hears each event once and moves its place on", async () => {
    let round = 0;
    const polls = pollable(({ wait }) => (!wait ? [] : ++round === 1 ? [added(11, "a"), added(12, "b")] : null));
    const { heard, welcomes } = line();
    await blocked();
    await after(10);
    expect(heard).toEqual(["a", "b"]);
    expect(polls.at(-1)!.seq).toBe(12);
    expect(welcomes).toHaveLength(1); // the welcome in each answer is no news
  });

  it("W20 tries a websocket again: soon, in case it was the hub's restart, then ever more rarely", async () => {
    pollable(({ wait }) => (wait ? null : []));
    line();
    await blocked();
    const times: number[] = [];
    for (let second = 1; times.length < 4; second++) {
      const before = FakeSocket.all.length;
      await after(1000);
      if (FakeSocket.all.length === before) continue;
      times.push(second);
      if (times.length < 4) socket().drop();
    }
    // Five seconds, ten, twenty, forty, each and the pause before polling goes on.
    expect(times).toEqual([5, 16, 37, 78]);
    socket().greet({ resumed: true });
    expect(socket().frames[0]).toMatchObject({ type: "hello", seq: 10 });
  });

  it("V6 a poll that is refused ends the session", async () => {
    vi.stubGlobal("fetch", async () => new Response('{"error":{"code":"unauthenticated"}}', { status: 401 }));
    const state = line();
    await blocked();
    expect(state.refused).toBe(1);
  });
});
