/** Keeps a visitor and the hub in touch: nothing said is lost, nothing heard comes twice or is missed. */

import {
  CLOSE_MALFORMED,
  CLOSE_ORIGIN,
  CLOSE_SIGNED_OUT,
  CLOSE_TOO_MANY,
  CLOSE_UNPROVEN,
  type Ack,
  type ClientFrame,
  type Hello,
  type HubEvent,
  type Problem,
  type Send,
  type ServerFrame,
  type Welcome,
} from "../../../chat/protocol";
import { byPoll, bySocket, type Dial, type Heard, type Link } from "./links";
import type { Outbox, Outgoing } from "./outbox";

export type Status = "connecting" | "online" | "offline";

/** Who is told of what. Events come once each, in order. */
export interface Hearer {
  status(now: Status): void;
  welcome(frame: Welcome): void;
  event(event: HubEvent): void;
  frame(frame: ServerFrame): void;
  /** The hub has saved what was said; `entry` is missing if it was known already. */
  confirmed(ack: Ack, entry: Outgoing | undefined): void;
  /** What waits to be confirmed has changed. */
  waiting(): void;
  /** The token is dead. */
  refused(): void;
}

export interface World {
  socket: Dial;
  poll: Dial;
  random(): number;
}

const PING = 25_000;
const PATIENCE = 10_000; // for a welcome, or for anything after a ping
const HASTE = 4_000; // where the last websocket got no welcome, and polling would do
const LONGEST = 30_000;
const UPGRADE = 5_000; // how long to poll before a websocket is tried again; doubles up to
const RARELY = 300_000;

export class Connection {
  private link: Link | null = null;
  private epoch: string | null = null;
  private seq: number | null = null;
  private greeted = false;
  private tries = 0; // since the last welcome
  private blocked = 0; // websockets in a row that ended without a welcome
  private upgrade = UPGRADE;
  private beat: ReturnType<typeof setInterval> | undefined; // pings
  private patience: ReturnType<typeof setTimeout> | undefined;
  private next: ReturnType<typeof setTimeout> | undefined; // the next attempt, or the next try of a websocket
  private over = false;

  constructor(
    private readonly token: string,
    readonly outbox: Outbox,
    private readonly hearer: Hearer,
    private readonly world: World = { socket: bySocket, poll: byPoll, random: Math.random },
  ) {}

  start(): void {
    this.hearer.status("connecting");
    this.dial();
  }

  stop(): void {
    this.over = true;
    this.hangUp();
  }

  /** Say it now or as soon as possible, again and again under the same id until the hub confirms it. */
  send(frame: Send): void {
    this.outbox.add(frame);
    this.hearer.waiting();
    this.tell(frame);
  }

  retry(id: string): void {
    const entry = this.outbox.mark(id, false);
    this.hearer.waiting();
    if (entry) this.tell(entry.frame);
  }

  /** Say it if there is somebody to hear it; returns whether there was. */
  tell(frame: ClientFrame): boolean {
    if (!this.greeted || !this.link) return false;
    this.link.say(frame);
    return true;
  }

  /** The network is back, or the visitor looks at us again: do not wait any longer. */
  wake(): void {
    if (this.over) return;
    if (this.greeted) this.ping();
    else if (!this.link) {
      this.tries = 0;
      this.dial();
    }
  }

  /** The browser says there is no network. */
  sleep(): void {
    if (!this.over && this.link) this.down(1006);
  }

  private dial(): void {
    this.hangUp();
    const polling = this.blocked >= 2;
    const dial = polling ? this.world.poll : this.world.socket;
    const link = dial(
      () => this.hello(),
      (frame) => this.link === link && this.hear(frame),
      (code) => this.link === link && this.down(code),
    );
    this.link = link;
    if (polling) this.next = setTimeout(() => this.trySocket(), this.upgrade);
    else {
      this.beat = setInterval(() => this.ping(), PING);
      this.expect(this.blocked ? HASTE : PATIENCE); // a poll knows by itself when it has waited too long
    }
  }

  private hangUp(): void {
    clearInterval(this.beat);
    clearTimeout(this.patience);
    clearTimeout(this.next);
    this.greeted = false;
    const link = this.link;
    this.link = null;
    link?.close();
  }

  private hello(): Hello {
    return { type: "hello", token: this.token, epoch: this.epoch, seq: this.seq };
  }

  private hear(frame: Heard): void {
    clearTimeout(this.patience);
    if (frame.type === "welcome") this.welcome(frame);
    else if (isEvent(frame)) this.event(frame);
    else if (frame.type === "ack") this.confirmed(frame);
    else if (frame.type === "error" && frame.id) this.refusedOne(frame.id, frame);
    else this.hearer.frame(frame);
  }

  private welcome(frame: Welcome): void {
    const again = this.greeted; // each answer to a poll begins with one
    this.epoch = frame.epoch;
    if (!frame.resumed || this.seq === null) this.seq = frame.seq;
    this.greeted = true;
    this.tries = 0;
    if (this.blocked < 2) {
      this.blocked = 0;
      this.upgrade = UPGRADE;
    }
    if (again && frame.resumed) return;
    this.hearer.status("online");
    this.hearer.welcome(frame);
    for (const { frame, failed } of this.outbox.all()) if (!failed) this.tell(frame);
  }

  private event(event: HubEvent): void {
    if (this.seq !== null && event.seq <= this.seq) return;
    this.seq = event.seq;
    this.hearer.event(event);
    if (event.type !== "MessageAdded" || !this.outbox.has(event.message.id)) return;
    this.outbox.remove(event.message.id); // the hub's own word is as good as an ack, and comes when one got lost
    this.hearer.waiting();
  }

  private confirmed(ack: Ack): void {
    this.hearer.confirmed(ack, this.outbox.remove(ack.id));
    this.hearer.waiting();
  }

  private refusedOne(id: string, problem: Problem): void {
    const later = problem.retry_after ?? (problem.code === "unavailable" ? 5 : null);
    if (later !== null && this.outbox.has(id)) {
      setTimeout(() => this.retry(id), later * 1000);
      return;
    }
    this.outbox.mark(id, true);
    this.hearer.waiting();
  }

  private down(code: number): void {
    const polled = this.blocked >= 2;
    if (polled) this.blocked = 0; // the way round is closed too: it is the hub, not a proxy
    else if (!this.greeted) this.blocked++;
    this.hangUp();
    if (code === CLOSE_UNPROVEN || code === CLOSE_SIGNED_OUT) {
      this.over = true;
      return this.hearer.refused();
    }
    // Trying harder does not help against a refusal.
    if (code === CLOSE_TOO_MANY || code === CLOSE_ORIGIN || code === CLOSE_MALFORMED) this.tries = Math.max(this.tries, 5);
    this.hearer.status("offline");
    this.next = setTimeout(() => this.dial(), this.delay());
  }

  /** Half of it by chance, so that a thousand widgets do not return in the same instant. */
  private delay(): number {
    const full = Math.min(LONGEST, 500 * 2 ** this.tries++);
    return full / 2 + (full / 2) * this.world.random();
  }

  private ping(): void {
    if (this.blocked >= 2) return;
    this.tell({ type: "ping" });
    this.expect();
  }

  private expect(wait = PATIENCE): void {
    clearTimeout(this.patience);
    this.patience = setTimeout(() => this.down(1006), wait);
  }

  /**
   * Polling works; maybe websockets do by now, if it was the hub that had been away and not a proxy
   * that forbids them. One failure more leads back here.
   */
  private trySocket(): void {
    this.upgrade = Math.min(RARELY, this.upgrade * 2);
    this.blocked = 1;
    this.dial();
  }
}

/** Events are told in the past tense, beginning with a capital; an unknown one is the hearer's to ignore. */
function isEvent(frame: Heard): frame is HubEvent {
  return /^[A-Z]/.test(frame.type) && "seq" in frame;
}
