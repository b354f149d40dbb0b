/** A strict stand-in for the hub's end of the line: it refuses what the protocol forbids, and remembers. */

import { vi } from "vitest";
import type { ClientFrame, HubEvent, Message, Welcome } from "../../chat/protocol";
import { Connection, type Hearer, type Status } from "../src/app/connection";
import { byPoll, bySocket } from "../src/app/links";
import { Outbox } from "../src/app/outbox";
import { Store } from "../src/app/store";

export const TOKEN = "vst_test";

export const WELCOME: Welcome = {
  type: "welcome",
  epoch: "e1",
  seq: 10,
  resumed: false,
  you: { kind: "visitor", id: "vis_1", name: "", assurance: "anonymous", customer: null, role: null },
  online: true,
  agents: [],
};

export function message(id: string, seq: number, kind: "visitor" | "agent" = "agent", text = id): Message {
  const author = { kind, id: kind === "agent" ? "agt_1" : "vis_1", name: "", avatar_url: "" };
  return { id, seq, author, kind: "text", text, at: `2026-11-20T10:00:${String(seq % 60).padStart(2, "0")}Z`, cards: [] };
}

export function added(seq: number, id: string, inside = seq): HubEvent {
  return { seq, type: "MessageAdded", conversation: "c1000000", message: message(id, inside), visitor: "vis_1", customer: null };
}

/** A websocket as browsers have it, that fails the test when it is used wrongly. */
export class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  frames: ClientFrame[] = [];
  state: "connecting" | "open" | "closed" = "connecting";

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    if (this.state !== "open") throw new Error(`sent while ${this.state}`);
    const frame = JSON.parse(text) as ClientFrame;
    if (!this.frames.length && frame.type !== "hello") throw new Error(`${frame.type} before hello`);
    if (this.frames.length && frame.type === "hello") throw new Error("a second hello");
    this.frames.push(frame);
  }

  close(): void {
    this.state = "closed";
  }

  accept(): void {
    this.state = "open";
    this.onopen?.();
  }

  say(frame: object): void {
    if (this.state !== "open") throw new Error(`the hub said something while ${this.state}`);
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  drop(code = 1006): void {
    this.state = "closed";
    this.onclose?.({ code });
  }

  /** Accept, and greet as the hub does. */
  greet(welcome: Partial<Welcome> = {}): this {
    this.accept();
    this.say({ ...WELCOME, ...welcome });
    return this;
  }

  sent(type: ClientFrame["type"]): ClientFrame[] {
    return this.frames.filter((frame) => frame.type === type);
  }
}

export const socket = (): FakeSocket => FakeSocket.all.at(-1)!;

export interface Line {
  connection: Connection;
  outbox: Outbox;
  heard: string[]; // ids of messages, in the order they were told
  statuses: Status[];
  welcomes: Welcome[];
  confirmed: string[];
  refused: number;
}

/** A connection whose chance is always the largest, so that waits can be foretold. */
export function line(store = new Store("w", null)): Line {
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
  const outbox = new Outbox(store);
  const state: Omit<Line, "connection"> = { outbox, heard: [], statuses: [], welcomes: [], confirmed: [], refused: 0 };
  const hearer: Hearer = {
    status: (now) => state.statuses.push(now),
    welcome: (frame) => state.welcomes.push(frame),
    event: (event) => state.heard.push(event.type === "MessageAdded" ? event.message.id : event.type),
    frame: () => {},
    confirmed: (ack) => state.confirmed.push(ack.id),
    waiting: () => {},
    refused: () => state.refused++,
  };
  const connection = new Connection(TOKEN, outbox, hearer, { socket: bySocket, poll: byPoll, random: () => 1 });
  connection.start();
  return Object.assign(state, { connection });
}

export const say = (id: string, text = id): Extract<ClientFrame, { type: "send" }> => ({
  type: "send",
  id,
  conversation: "c1000000",
  text,
});
