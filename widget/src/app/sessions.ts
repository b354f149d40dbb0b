/** The visitor's session: made when they first act, kept in the frame, proven anew when the page says who they are. */

import { endSession, identify, Refusal, startSession, type NewSession, type Session } from "./api";
import { fingerprint, subject, unproven, type Claims } from "./identity";
import type { Store } from "./store";

/** A session and what the page had said when the hub last judged it. */
export interface Held extends Session {
  subject: string;
  said: string;
}

const KEY = "session";

export class Sessions {
  constructor(
    private readonly store: Store,
    private readonly warn: (text: string) => void,
  ) {}

  held(): Held | null {
    const held = this.store.read<Held>(KEY);
    return typeof held?.token === "string" ? held : null;
  }

  /** Take up a token that the loader kept for us. The hub will say what it is worth. */
  borrow(token: string): void {
    const nobody = { visitor: "", assurance: "anonymous" as const, name: "", customer: null, subject: "", said: "" };
    if (/^vst_[\w-]+$/.test(token)) this.store.write(KEY, { token, ...nobody });
  }

  /** The page names another customer than the session is for: nothing of it may be shown meanwhile. */
  isForeign(claims: Claims | null): boolean {
    const held = this.held();
    return !!held?.subject && !!subject(claims) && held.subject !== subject(claims);
  }

  /** The session for these claims: the one we hold, judged anew if they changed, or a new one. */
  async settle(claims: Claims | null, wanted: NewSession): Promise<Held> {
    const held = this.held();
    if (!held) return this.start(claims, wanted);
    if (!claims || held.said === fingerprint(claims)) return held;
    try {
      return this.keep(await identify(held.token, claims), claims);
    } catch (problem) {
      if (!isAgainstClaims(problem)) throw problem;
      this.warn(problem.message);
      if (!this.isForeign(claims)) return this.keep(held, claims, held.subject);
      await this.end(); // proven for one, claimed for another: whoever sits there now starts from nothing
      return this.start(unproven(claims), wanted);
    }
  }

  /** The same session, proven further than before. */
  raise(session: Session): Held {
    const { subject = "", said = "" } = this.held() ?? {};
    const held = { ...session, subject, said };
    this.store.write(KEY, held);
    return held;
  }

  /** Forget everything here at once, then tell the hub that the token is dead. */
  async end(): Promise<void> {
    const held = this.held();
    this.store.clear();
    for (let wait = 1; held && wait < 60; wait *= 3) {
      try {
        return await endSession(held.token);
      } catch (problem) {
        if (!(problem instanceof Refusal) || !problem.passing) return;
        await new Promise((resolve) => setTimeout(resolve, wait * 1000));
      }
    }
  }

  /** A page that says something wrong must not leave its visitor without a chat: then less of it is said. */
  private async start(claims: Claims | null, wanted: NewSession): Promise<Held> {
    const offers = claims ? [claims, unproven(claims), null] : [null];
    for (const offer of offers) {
      try {
        const session = await startSession({ ...wanted, ...(offer && { identity: offer }) });
        return this.keep(session, claims, offer === claims ? subject(claims) : "");
      } catch (problem) {
        if (!offer || !isAgainstClaims(problem)) throw problem;
        this.warn(problem.message);
      }
    }
    throw new Error("the last offer says nothing that could be refused");
  }

  private keep(session: Session, claims: Claims | null, who = subject(claims)): Held {
    const { token, visitor, assurance, name, customer } = session;
    const held = { token, visitor, assurance, name, customer, subject: who, said: fingerprint(claims) };
    this.store.write(KEY, held);
    return held;
  }
}

/** The hub looked at what the page says and refused it, as opposed to a token it no longer knows. */
function isAgainstClaims(problem: unknown): problem is Refusal {
  if (!(problem instanceof Refusal)) return false;
  return [400, 413, 422].includes(problem.status) || problem.code.startsWith("bad_user_");
}
