/** The hub's HTTP answers, as a visitor asks for them. */

import type { AssuranceName, Conversation, Message, Record as Activity } from "../../../chat/protocol";
import type { PageSeen } from "../bridge";
import type { Claims } from "./identity";

export interface Session {
  token: string;
  visitor: string;
  assurance: AssuranceName;
  name: string;
  customer: string | null;
}

export interface NewSession {
  widget: string;
  locale: string;
  page?: PageSeen;
  identity?: Claims;
}

/** The hub said no (`status` 4xx), or could not be reached (`status` 0). */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter = 0,
  ) {
    super(message);
  }

  /** Asking again later may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

const PATIENCE = 20_000;

export async function ask<T>(
  method: string,
  path: string,
  token: string | null = null,
  body?: unknown,
  signal: AbortSignal = AbortSignal.timeout(PATIENCE),
): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method,
      signal,
      credentials: "omit", // the widget uses no cookies at all
      keepalive: method === "DELETE", // signing out goes through even when the page is left
      headers: {
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(token && { Authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (answer.ok) return (answer.status === 204 ? undefined : await answer.json()) as T;
  } catch (problem) {
    throw new Refusal(0, "unreachable", String(problem));
  }
  throw await refusal(answer);
}

async function refusal(answer: Response): Promise<Refusal> {
  const told = (await answer.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null;
  const after = Number(answer.headers.get("Retry-After"));
  return new Refusal(answer.status, told?.error?.code ?? "", told?.error?.message ?? "", after || 0);
}

export const startSession = (wanted: NewSession): Promise<Session> =>
  ask("POST", "/v1/chat/session", null, wanted);

export const identify = (token: string, who: Claims): Promise<Session> =>
  ask("POST", "/v1/chat/identify", token, who);

export const endSession = (token: string): Promise<void> => ask("DELETE", "/v1/chat/session", token);

export const conversations = (token: string): Promise<{ items: Conversation[] }> =>
  ask("GET", "/v1/chat/conversations", token);

export const activity = (token: string): Promise<{ items: Activity[] }> =>
  ask("GET", "/v1/chat/activity", token);

/** Up to 50 messages, oldest first: the newest, those before a `seq`, or those after one. */
export const messages = (
  token: string,
  conversation: string,
  where: { before?: number; after?: number } = {},
): Promise<{ items: Message[]; more: boolean }> => {
  const query = new URLSearchParams({ limit: "50" });
  for (const [name, value] of Object.entries(where)) query.set(name, String(value));
  return ask("GET", `/v1/chat/conversations/${encodeURIComponent(conversation)}/messages?${query}`, token);
};
