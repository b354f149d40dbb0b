/** Who is here: agents online, who looks at which conversation, who is typing. */

import { signal } from "@preact/signals";
import type { Looking, Person, Presence as PresenceFrame, TypingNow, Welcome } from "../../../chat/protocol";

export interface Typist {
  who: TypingNow["who"];
  person: Person | null;
}

type ByConversation<T> = ReadonlyMap<string, T>;

const TYPING_LASTS = 6_000; // a browser that vanished never says it stopped

export class Presence {
  readonly agents = signal<readonly Person[]>([]);
  readonly looking = signal<ByConversation<readonly Person[]>>(new Map());
  readonly typing = signal<ByConversation<Typist>>(new Map());
  private readonly clocks = new Map<string, ReturnType<typeof setTimeout>>();

  isOnline(agent: string): boolean {
    return this.agents.value.some((person) => person.id === agent);
  }

  heardAgents(frame: Welcome | PresenceFrame): void {
    this.agents.value = frame.agents;
  }

  heardLooking(frame: Looking): void {
    this.looking.value = new Map(this.looking.value).set(frame.conversation, frame.agents);
  }

  heardTyping({ conversation, who, person, on }: TypingNow): void {
    clearTimeout(this.clocks.get(conversation));
    if (!on) return this.stopped(conversation);
    this.typing.value = new Map(this.typing.value).set(conversation, { who, person });
    this.clocks.set(conversation, setTimeout(() => this.stopped(conversation), TYPING_LASTS));
  }

  /** A message from them says that they have finished typing it. */
  stopped(conversation: string): void {
    if (!this.typing.value.has(conversation)) return;
    const typing = new Map(this.typing.value);
    typing.delete(conversation);
    this.typing.value = typing;
  }
}
