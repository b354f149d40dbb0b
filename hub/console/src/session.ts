/** Who is signed in here, and how one comes and goes. */

import { effect, signal } from "@preact/signals";
import { get, post, Refusal, remove, signedOut, words } from "./http";
import { problem } from "./toast";

export interface Me {
  agent: { id: string; name: string; email: string; avatar_url: string; role: "agent" | "admin" | "owner" };
  workspace: { id: string; name: string; app_id: string };
  session_id: string;
}

export interface DeviceSession {
  id: string;
  current: boolean;
  user_agent: string;
  address: string;
  created_at: string;
  last_seen_at: string;
}

type Knowing =
  | { state: "asking" }
  | { state: "unreachable"; problem: string }
  | { state: "out"; notice: string; tone: "info" | "warning" | "negative" }
  | { state: "in"; me: Me };

const OUT: Knowing = { state: "out", notice: "", tone: "info" };

export const session = signal<Knowing>({ state: "asking" });

/** At the start: a one-time link in the address, else whoever this browser remembers. */
export async function startSession(): Promise<void> {
  const token = takeLinkToken();
  await (token ? redeem(token) : ask());
  const before = signedOut.peek(); // a refused link says nothing about the session
  effect(() => {
    if (signedOut.value > before) expire();
  });
}

export async function ask(): Promise<void> {
  session.value = { state: "asking" };
  try {
    session.value = { state: "in", me: await get<Me>("/console/api/me") };
  } catch (error) {
    const nobody = error instanceof Refusal && error.status === 401;
    session.value = nobody ? OUT : { state: "unreachable", problem: words(error) };
  }
}

/** Throws what the hub refuses it with; the form says so. */
export async function signIn(email: string, password: string): Promise<void> {
  session.value = { state: "in", me: await post<Me>("/console/api/session", { email, password }) };
}

export async function signOut(): Promise<void> {
  await remove("/console/api/session");
  session.value = OUT;
}

/** The session ended elsewhere or ran out. The address and the drafts stay as they are. */
export function expire(): void {
  if (session.peek().state !== "in") return;
  session.value = {
    state: "out",
    notice: "Your session has ended. Sign in to go on where you were: what you had written is kept.",
    tone: "info",
  };
}

export const sessions = async (): Promise<DeviceSession[]> =>
  (await get<{ items: DeviceSession[] }>("/console/api/sessions")).items;

export const revoke = (id: string): Promise<void> => remove(`/console/api/sessions/${id}`);

export const isAdmin = (me: Me): boolean => me.agent.role !== "agent";

/** `#signin=…` is gone from the address, and so from history and screenshots, before it is used. */
function takeLinkToken(): string | null {
  const token = /^#signin=(.+)$/.exec(location.hash)?.[1];
  if (!token) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return token;
}

async function redeem(token: string): Promise<void> {
  try {
    session.value = { state: "in", me: await post<Me>("/console/api/session/link", { token }) };
  } catch (error) {
    await ask();
    refusedLink(error);
  }
}

/** Whoever is signed in here already goes on; for anybody else the link was the only way in. */
function refusedLink(error: unknown): void {
  const now = session.value;
  if (now.state === "in") problem(`${words(error)} You are signed in as ${now.me.agent.name}.`);
  if (now.state === "out") {
    session.value = { state: "out", notice: `${words(error)} The server can print a new one.`, tone: "warning" };
  }
}
