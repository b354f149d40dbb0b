/** Requests to the hub: JSON both ways, and one kind of failure with words to show. */

import { signal } from "@preact/signals";

export class Refusal extends Error {
  constructor(
    readonly status: number, // 0: nothing came back
    readonly code: string,
    message: string,
    readonly field: string | null = null,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
}

/** Counts how often the hub said that nobody is signed in; the session listens. */
export const signedOut = signal(0);

export const get = <T>(path: string, abort?: AbortSignal): Promise<T> => ask("GET", path, undefined, abort);
export const post = <T>(path: string, body: unknown = {}, abort?: AbortSignal): Promise<T> =>
  ask("POST", path, body, abort);
export const put = <T>(path: string, body: unknown): Promise<T> => ask("PUT", path, body);
export const remove = (path: string): Promise<void> => ask("DELETE", path);

/** Our own words for what went wrong; never a code, never a blank. */
export const words = (error: unknown): string =>
  error instanceof Refusal ? error.message : "Something went wrong in this page. Reload it and try again.";

async function ask<T>(method: string, path: string, body?: unknown, abort?: AbortSignal): Promise<T> {
  const response = await reach(path, {
    method,
    credentials: "same-origin",
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
    signal: abort ?? null,
  });
  const text = await response.text().catch(() => null);
  if (response.ok && text === "") return undefined as T; // done, or begun, and nothing to say
  const answer = parsed(text);
  if (response.ok && answer !== null) return answer as T;
  if (response.status === 401) signedOut.value += 1;
  throw refusal(response, answer);
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return null; // cut off, or a page of something in between
  }
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new Refusal(0, "unreachable", "The hub cannot be reached. Nothing was lost.");
  }
}

function refusal(response: Response, answer: unknown): Refusal {
  const error = (answer as { error?: { code?: string; message?: string; field?: string } } | null)?.error;
  const after = Number(response.headers.get("Retry-After"));
  return new Refusal(
    response.status,
    error?.code ?? "internal",
    error?.message ?? "The hub could not answer. Nothing was lost.",
    error?.field ?? null,
    Number.isFinite(after) && after > 0 ? after : null,
  );
}
