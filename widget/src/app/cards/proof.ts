/** Proving an address by a code: where the visitor is with it, over all cards that ask for it. */

import { effect, signal } from "@preact/signals";
import { ask, Refusal, type Session } from "../api";
import { language, session } from "../state";

export type Problem = "email" | "wrong" | "over" | "tooMany" | "noMail" | "offline";

export interface Proof {
  step: "email" | "code";
  email: string;
  sentTo: string;
  again: number; // when another code may be asked for, in milliseconds
  left: number; // tries
  busy: boolean;
  problem: Problem | null;
}

const TRIES = 3;
const BEGIN: Proof = { step: "email", email: "", sentTo: "", again: 0, left: TRIES, busy: false, problem: null };

export const proof = signal<Proof>(BEGIN);

const put = (to: Partial<Proof>): void => void (proof.value = { ...proof.peek(), ...to });

let visitor = "";
effect(() => {
  const now = session.value?.visitor ?? "";
  if (now !== visitor) proof.value = BEGIN; // somebody else sits there
  visitor = now;
});

/** Digits of any script, as they are typed or pasted: "٤١٩ 203" is 419203. */
export function digits(text: string): string {
  const latin = text.replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 15));
  return latin.replace(/\D/g, "").slice(0, 6);
}

export const again = (): void => put({ step: "email", problem: null });

export async function send(email: string): Promise<void> {
  put({ busy: true, problem: null, email });
  await attempt(async (token) => {
    const body = { email, locale: language.peek().locale };
    const { sent_to, again_in } = await ask<{ sent_to: string; again_in: number }>("POST", "/v1/chat/email-code", token, body);
    put({ step: "code", sentTo: sent_to, again: Date.now() + again_in * 1000, left: TRIES });
  }, "email");
}

/** The session as it is after the proof, or null when the code was none. */
export async function check(code: string): Promise<Session | null> {
  let proven: Session | null = null;
  put({ busy: true, problem: null });
  await attempt(async (token) => {
    proven = await ask<Session>("POST", "/v1/chat/email-code/check", token, { code });
    proof.value = BEGIN;
  }, "wrong");
  return proven;
}

async function attempt(act: (token: string) => Promise<void>, invalid: "email" | "wrong"): Promise<void> {
  const held = session.peek();
  try {
    if (!held) throw new Refusal(0, "", "");
    await act(held.token);
  } catch (fault) {
    if (!(fault instanceof Refusal)) throw fault;
    if (session.peek()?.visitor === held?.visitor) refused(fault, invalid);
  } finally {
    put({ busy: false });
  }
}

function refused({ status, code }: Refusal, invalid: "email" | "wrong"): void {
  if (status === 429) return put({ problem: "tooMany" });
  if (status === 409 || status === 501) return put({ problem: "noMail" });
  if (code === "code_over" || status === 401) return put({ problem: "over", again: 0 });
  if (status >= 400 && status < 500) {
    const left = proof.peek().left - (invalid === "wrong" ? 1 : 0);
    return put(left > 0 ? { problem: invalid, left } : { problem: "over", left: 0, again: 0 });
  }
  put({ problem: "offline" });
}
