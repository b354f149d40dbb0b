/** The line to the hub: a websocket that resumes where it broke, or long polling where sockets are blocked. */

import { signal } from "@preact/signals";
import {
  CLOSE_SIGNED_OUT,
  CLOSE_UNPROVEN,
  type ClientFrame,
  type HubEvent,
  type ServerFrame,
  type Welcome,
} from "../../../chat/protocol";
import { post, Refusal } from "./http";

export type Frame = ServerFrame | HubEvent;
export type LineState = "connecting" | "online" | "waiting" | "stopped";

interface Hearing {
  /** A frame or an event, each event once and in order. */
  hear(frame: Frame): void;
  /** The hub says this session is over. */
  signedOut(): void;
}

const PING_EVERY = 25_000;
const PONG_WITHIN = 10_000;
const LONGEST_WAIT = 20_000;
const SOCKET_TRIES = 3; // sockets that never got a welcome, before polling
const SOCKET_AGAIN = 120_000; // while polling, a socket is tried this often
const POLL_SECONDS = 25;

const SOCKET_PATH = "/v1/chat/socket";
const POLL_PATH = "/v1/chat/poll";

export class Connection {
  readonly state = signal<LineState>("connecting");

  private epoch: string | null = null;
  private seq: number | null = null;
  private socket: WebSocket | null = null;
  private failures = 0; // in a row, for the pause before the next try
  private unwelcomed = 0; // sockets in a row that never got a welcome
  private retryClock = 0;
  private pingClock = 0;
  private pongClock = 0;
  private polling: AbortController | null = null;
  private unpolled: ClientFrame[] = [];
  private socketAgainAt = 0;

  constructor(private readonly hearing: Hearing) {}

  start(): void {
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    void this.connect();
  }

  stop(): void {
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this.state.value = "stopped";
    this.quiet();
    this.socket?.close(1000);
    this.socket = null;
    this.polling?.abort();
  }

  /** Whether the frame is on its way; if not, the caller keeps it. */
  say(frame: ClientFrame): boolean {
    if (this.state.value !== "online") return false;
    if (this.socket) this.socket.send(JSON.stringify(frame));
    else this.sayByPoll(frame);
    return true;
  }

  private async connect(): Promise<void> {
    if (this.state.value === "stopped") return;
    if (this.unwelcomed >= SOCKET_TRIES && Date.now() < this.socketAgainAt) return this.poll();
    try {
      const { ticket } = await post<{ ticket: string }>("/console/api/ticket");
      this.open(ticket);
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) return; // the session hears of it by itself
      this.retry();
    }
  }

  private open(ticket: string): void {
    if (this.stopped()) return;
    const socket = new WebSocket(location.origin.replace(/^http/, "ws") + SOCKET_PATH);
    this.socket = socket;
    let welcomed = false;
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: "hello", ticket, epoch: this.epoch, seq: this.seq }));
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket) return;
      const frame = JSON.parse(data) as Frame;
      if (frame.type === "welcome") {
        welcomed = true;
        this.unwelcomed = 0;
        this.keepAlive();
      }
      this.heard(frame);
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      if (!welcomed) this.unwelcomed += 1;
      this.lost(code);
    };
  }

  private heard(frame: Frame): void {
    clearTimeout(this.pongClock);
    if (frame.type === "welcome") this.welcomed(frame);
    if (isEvent(frame)) {
      if (this.seq !== null && frame.seq <= this.seq) return; // told already
      this.seq = frame.seq;
    }
    this.hearing.hear(frame);
  }

  private welcomed(welcome: Welcome): void {
    this.failures = 0;
    this.epoch = welcome.epoch;
    if (!welcome.resumed) this.seq = welcome.seq; // if resumed, the missed events follow and move it
    this.state.value = "online";
  }

  private lost(code: number): void {
    this.quiet();
    this.socket = null;
    if (this.stopped()) return;
    if (code === CLOSE_SIGNED_OUT) return this.hearing.signedOut();
    if (this.unwelcomed >= SOCKET_TRIES) this.socketAgainAt = Date.now() + SOCKET_AGAIN;
    // A ticket is good once and for 30 s: the first refusal may only mean that it came too late.
    this.retry(code === CLOSE_UNPROVEN && this.failures === 0);
  }

  private retry(atOnce = false): void {
    this.state.value = "waiting";
    const longest = Math.min(LONGEST_WAIT, 500 * 2 ** this.failures);
    const pause = atOnce ? 0 : longest * (0.5 + Math.random() / 2); // all of us at once would be a storm
    this.failures += 1;
    this.retryClock = window.setTimeout(() => void this.connect(), pause);
  }

  /** The network is back, or the page is looked at again: no reason to go on waiting. */
  private readonly hurry = (): void => {
    if (document.hidden || !navigator.onLine) return;
    if (this.state.value === "online") return this.ping();
    if (this.state.value !== "waiting") return;
    clearTimeout(this.retryClock);
    void this.connect();
  };

  private keepAlive(): void {
    clearInterval(this.pingClock);
    this.pingClock = window.setInterval(() => this.ping(), PING_EVERY);
  }

  private ping(): void {
    const socket = this.socket;
    if (!socket || !this.say({ type: "ping" })) return;
    clearTimeout(this.pongClock);
    // A dead line may take minutes to close by itself, so its end is not waited for.
    this.pongClock = window.setTimeout(() => {
      socket.close();
      if (socket === this.socket) this.lost(0);
    }, PONG_WITHIN);
  }

  private quiet(): void {
    clearTimeout(this.retryClock);
    clearInterval(this.pingClock);
    clearTimeout(this.pongClock);
  }

  private stopped(): boolean {
    return this.state.value === "stopped";
  }

  // Long polling: the same frames, one request after the other.

  private async poll(): Promise<void> {
    while (!this.stopped() && Date.now() < this.socketAgainAt) {
      if (!(await this.pollOnce())) return this.retry();
    }
    if (this.stopped()) return;
    this.unwelcomed = SOCKET_TRIES - 1; // one try, then polling again
    void this.connect();
  }

  private async pollOnce(): Promise<boolean> {
    const frames = this.unpolled.splice(0);
    const asked = { epoch: this.epoch, seq: this.seq, frames, wait: this.state.value === "online" ? POLL_SECONDS : 0 };
    this.polling = new AbortController();
    try {
      const answer = await post<{ frames: Frame[] }>(POLL_PATH, asked, this.polling.signal);
      for (const frame of answer.frames) this.heard(frame);
      return true;
    } catch (error) {
      this.unpolled.unshift(...frames);
      return this.polling.signal.aborted; // cut short only to say something
    }
  }

  private sayByPoll(frame: ClientFrame): void {
    this.unpolled.push(frame);
    if (this.unpolled.length === 1) this.polling?.abort();
  }
}

/** Events are told in the past tense, beginning with a capital; the log numbers them. */
const isEvent = (frame: Frame): frame is HubEvent => /^[A-Z]/.test(frame.type);
