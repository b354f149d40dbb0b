/** What the assistant does in the conversations: what it writes now, how it answered, why it passed one on. */

import { signal } from "@preact/signals";
import type { Answering, Drafting, Handover, HubEvent, Transcript } from "../../../chat/protocol";
import { type Assistant, assistant } from "./assistant";
import { get, post, Refusal } from "./http";

/** What `GET /console/api/conversations/{id}/assistant` answers. */
export interface Told {
  answering: Answering;
  handover: Handover | null;
  transcripts: Transcript[];
}

export interface Writing {
  message: string;
  text: string;
}

type By<T> = ReadonlyMap<string, T>;

const SOON = 300; // an answer and its handover are told by one request
const SILENCE = 30_000; // a turn that says nothing for so long has ended without a word
const KEPT = 50; // conversations in memory

const of = (conversation: string, what: string): string =>
  `/console/api/conversations/${encodeURIComponent(conversation)}/${what}`;

export const letAnswer = (conversation: string, who: Exclude<Answering, "">): Promise<unknown> =>
  post(of(conversation, "answering"), { who });

export class Answers {
  /** The assistant's settings; null until known, and where this hub has no assistant. */
  readonly settings = signal<Assistant | null>(null);
  readonly writing = signal<By<Writing>>(new Map());
  readonly told = signal<By<Told>>(new Map());

  private wanted = false;
  private readonly asked = new Set<string>();
  private readonly clocks = new Map<string, ReturnType<typeof setTimeout>>();
  private soon: ReturnType<typeof setTimeout> | undefined;

  /** For screens, as often as they like: asks the hub the first time only. */
  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.loadSettings();
  }

  /** How the answers of one conversation came about, from now on and as they come. */
  wantTold(conversation: string): void {
    if (this.asked.has(conversation)) return;
    this.asked.add(conversation);
    void this.load(conversation);
  }

  transcript(conversation: string, message: string): Transcript | undefined {
    return this.told.value.get(conversation)?.transcripts.find((one) => one.message === message);
  }

  hear(event: HubEvent): void {
    if (event.type === "AssistantChanged" && this.wanted) void this.loadSettings();
    if (event.type === "HandedOver") this.passed(event.conversation, event.handover);
    if (event.type !== "MessageAdded") return;
    if (event.message.author.kind !== "assistant") return;
    this.wrote(event.conversation);
    if (this.asked.has(event.conversation)) this.loadSoon(event.conversation);
  }

  heardDrafting({ conversation, message, text }: Drafting): void {
    if (!text) return this.wrote(conversation);
    clearTimeout(this.clocks.get(conversation));
    this.writing.value = new Map(this.writing.value).set(conversation, { message, text });
    this.clocks.set(conversation, setTimeout(() => this.wrote(conversation), SILENCE));
  }

  /** After a gap in what we heard: what is on screen is asked for anew, the rest when it is opened. */
  async refresh(open: string | null): Promise<void> {
    this.asked.clear();
    if (this.wanted) void this.loadSettings();
    if (open && this.told.value.has(open)) {
      this.asked.add(open);
      await this.load(open);
    }
  }

  private wrote(conversation: string): void {
    clearTimeout(this.clocks.get(conversation));
    this.clocks.delete(conversation);
    if (this.writing.value.has(conversation)) this.writing.value = without(this.writing.value, conversation);
  }

  private passed(conversation: string, handover: Handover): void {
    this.wrote(conversation);
    const before = this.told.value.get(conversation);
    this.keep(conversation, { transcripts: [], ...before, answering: "people", handover });
  }

  private loadSoon(conversation: string): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.load(conversation), SOON);
  }

  private async load(conversation: string): Promise<void> {
    try {
      this.keep(conversation, await get<Told>(of(conversation, "assistant")));
    } catch {
      this.asked.delete(conversation); // messages are whole without it: asked again when next opened
    }
  }

  private keep(conversation: string, told: Told): void {
    const all = new Map(without(this.told.value, conversation)).set(conversation, told);
    const oldest = all.keys().next().value;
    if (all.size > KEPT && oldest) all.delete(oldest);
    this.told.value = all;
  }

  private async loadSettings(): Promise<void> {
    try {
      this.settings.value = await assistant();
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) this.settings.value = null;
      else this.wanted = false; // the next screen that wants it asks again
    }
  }
}

function without<T>(all: By<T>, key: string): Map<string, T> {
  const rest = new Map(all);
  rest.delete(key);
  return rest;
}
