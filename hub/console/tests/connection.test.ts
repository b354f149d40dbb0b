import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Connection, type Frame } from "../src/connection";

/** A websocket under the test's control. */
class FakeSocket {
  static all: FakeSocket[] = [];
  sent: { type: string; epoch?: string; seq?: number }[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number }) => void;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!;
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(code = 1000): void {
    this.onclose?.({ code });
  }
  hear(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcome(change: object = {}): void {
    this.onopen?.();
    this.hear({ type: "welcome", epoch: "e1", seq: 10, resumed: false, agents: [], online: true, ...change });
  }
}

const added = (seq: number) => ({ seq, type: "MessageAdded", conversation: "cnv_1" });

describe("W20 the console's line to the hub", () => {
  let heard: Frame[] = [];
  let signedOut = 0;
  let polls: { frames: object[]; epoch: string | null; seq: number | null; wait: number }[] = [];
  let answer: (asked: (typeof polls)[number]) => object[] = () => [];
  let failing = false;
  let line: Connection;
  const seqs = () => heard.flatMap((frame) => ("seq" in frame && frame.type === "MessageAdded" ? [frame.seq] : []));
  const settled = () => vi.advanceTimersByTimeAsync(0);

  beforeEach(async () => {
    vi.useFakeTimers();
    heard = [];
    signedOut = 0;
    polls = [];
    failing = false;
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
    vi.stubGlobal("location", { origin: "https://hub.example" });
    vi.stubGlobal("document", { hidden: false, addEventListener() {}, removeEventListener() {} });
    vi.stubGlobal("navigator", { onLine: true });
    vi.stubGlobal("window", globalThis);
    vi.stubGlobal("addEventListener", () => {});
    vi.stubGlobal("removeEventListener", () => {});
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      if (path === "/console/api/ticket") return Response.json({ ticket: "once" });
      const asked = JSON.parse(init.body as string);
      polls.push(asked);
      if (failing) throw new TypeError("network");
      await new Promise((done, stop) => {
        setTimeout(done, asked.frames.length || !asked.wait ? 50 : 20_000);
        init.signal?.addEventListener("abort", () => stop(new Error("aborted")));
      });
      return Response.json({ frames: answer(asked) });
    });
    line = new Connection({ hear: (frame) => heard.push(frame), signedOut: () => (signedOut += 1) });
    line.start();
    await settled();
  });
  afterEach(() => {
    line.stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("B1: the first frame carries the one-time ticket, never the address", () => {
    FakeSocket.last.welcome();
    expect(FakeSocket.last.url).toBe("wss://hub.example/v1/chat/socket");
    expect(FakeSocket.last.sent[0]).toMatchObject({ type: "hello", ticket: "once" });
  });

  it("W20: an event told twice is heard once", () => {
    FakeSocket.last.welcome();
    for (const seq of [11, 12, 11, 12, 13]) FakeSocket.last.hear(added(seq));
    expect(seqs()).toEqual([11, 12, 13]);
  });

  it("W20: after a broken line it resumes where it was", async () => {
    FakeSocket.last.welcome();
    FakeSocket.last.hear(added(11));
    FakeSocket.last.close(1012);
    expect(line.state.value).toBe("waiting");
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.welcome({ seq: 13, resumed: true });
    expect(FakeSocket.last.sent[0]).toMatchObject({ epoch: "e1", seq: 11 });
    for (const seq of [12, 13]) FakeSocket.last.hear(added(seq));
    expect(seqs()).toEqual([11, 12, 13]);
  });

  it("W20: in a new epoch it starts from the welcome's place", async () => {
    FakeSocket.last.welcome({ seq: 500 });
    FakeSocket.last.close(1006);
    await vi.advanceTimersByTimeAsync(1_000);
    FakeSocket.last.welcome({ epoch: "e2", seq: 3, resumed: false });
    FakeSocket.last.hear(added(4));
    expect(seqs()).toEqual([4]);
  });

  it("W20: a line that does not answer a ping is given up", async () => {
    FakeSocket.last.welcome();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(FakeSocket.last.sent.at(-1)).toEqual({ type: "ping" });
    FakeSocket.last.hear({ type: "pong" });
    await vi.advanceTimersByTimeAsync(24_000);
    expect(line.state.value).toBe("online");
    await vi.advanceTimersByTimeAsync(12_000);
    expect(line.state.value).toBe("waiting");
  });

  it("T3: when the session is over it stops instead of trying again", async () => {
    FakeSocket.last.welcome();
    FakeSocket.last.close(4409);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(signedOut).toBe(1);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("W20: nothing is said while the line is down", () => {
    expect(line.say({ type: "ping" })).toBe(false);
    FakeSocket.last.welcome();
    expect(line.say({ type: "ping" })).toBe(true);
  });

  describe("where sockets are blocked", () => {
    beforeEach(async () => {
      answer = ({ frames }) => [
        { type: "welcome", epoch: "e1", seq: 20, resumed: polls.length > 1, agents: [], online: true },
        ...(frames.length ? [added(21)] : []),
      ];
      for (let tries = 0; tries < 3; tries += 1) {
        FakeSocket.last.close(1006);
        await vi.advanceTimersByTimeAsync(3_000);
      }
    });

    it("W20: it polls, from where it stands", () => {
      expect(FakeSocket.all).toHaveLength(3);
      expect(line.state.value).toBe("online");
      expect(polls.at(-1)).toMatchObject({ epoch: "e1", seq: 20, frames: [] });
    });

    it("W20: to say something it does not wait for the waiting request", async () => {
      line.say({ type: "ping" });
      await vi.advanceTimersByTimeAsync(100);
      expect(seqs()).toEqual([21]);
    });

    it("W20: what could not be said is said by the next request", async () => {
      failing = true;
      line.say({ type: "ping" });
      await vi.advanceTimersByTimeAsync(100);
      failing = false;
      await vi.advanceTimersByTimeAsync(5_000);
      expect(seqs()).toEqual([21]);
    });

    it("W20: it tries a socket again after a while", async () => {
      await vi.advanceTimersByTimeAsync(150_000);
      expect(FakeSocket.all.length).toBeGreaterThan(3);
    });
  });
});
