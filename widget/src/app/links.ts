/** The two ways to the hub: a websocket, and asking again and again where websockets are blocked. */

import {
  CLOSE_TOO_MANY,
  CLOSE_UNPROVEN,
  type ClientFrame,
  type Hello,
  type HubEvent,
  type ServerFrame,
} from "../../../chat/protocol";
import { ask, Refusal } from "./api";

export type Heard = ServerFrame | HubEvent;

export interface Link {
  say(frame: ClientFrame): void;
  close(): void;
}

/** `hello` is asked for anew each time, because the resume point moves. `down` comes once, at the end. */
export type Dial = (hello: () => Hello, hear: (frame: Heard) => void, down: (code: number) => void) => Link;

const WAIT = 25; // seconds an empty answer may take

export const bySocket: Dial = (hello, hear, down) => {
  let socket: WebSocket;
  try {
    socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/v1/chat/socket`);
  } catch {
    const soon = setTimeout(() => down(1006)); // some browsers throw where a policy forbids sockets
    return { say() {}, close: () => clearTimeout(soon) };
  }
  socket.onopen = () => socket.send(JSON.stringify(hello()));
  socket.onmessage = ({ data }) => hear(JSON.parse(data as string) as Heard);
  socket.onclose = ({ code }) => down(code);
  return {
    say: (frame) => socket.send(JSON.stringify(frame)),
    close() {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
};

export const byPoll: Dial = (hello, hear, down) => {
  let said: ClientFrame[] = []; // not yet answered
  let sent = 0; // of those, on their way
  let greeted = false;
  let asking = new AbortController();
  let hurry = false;
  let over = false;

  const poll = async (): Promise<void> => {
    while (!over) {
      asking = new AbortController();
      hurry = false;
      sent = said.length;
      const { token, epoch, seq } = hello();
      // The first answer is only a welcome; and what is said may have no answer one could wait for.
      const wait = sent || !greeted ? 0 : WAIT;
      const body = { epoch, seq, frames: said.slice(0, sent), wait };
      const limit = setTimeout(() => asking.abort(), (wait + 15) * 1000);
      try {
        const { frames } = await ask<{ frames: Heard[] }>("POST", "/v1/chat/poll", token!, body, asking.signal);
        said = said.slice(sent);
        greeted = true;
        if (!over) frames.forEach(hear);
      } catch (problem) {
        if (!over && !hurry) {
          over = true;
          down(codeFor(problem));
        }
      } finally {
        clearTimeout(limit);
      }
    }
  };
  void poll();

  return {
    say(frame) {
      said.push(frame);
      if (sent) return;
      // Nothing is lost by breaking off a wait: what it would have brought comes after the same seq.
      hurry = true;
      asking.abort();
    },
    close() {
      over = true;
      asking.abort();
    },
  };
};

function codeFor(problem: unknown): number {
  const status = problem instanceof Refusal ? problem.status : 0;
  if (status === 401) return CLOSE_UNPROVEN;
  return status === 429 ? CLOSE_TOO_MANY : 1006;
}
