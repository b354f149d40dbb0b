/** How sure we are who is writing: the five steps of the ladder, in plain words. */

import type { AssuranceName } from "../../../chat/protocol";

export interface Step {
  name: AssuranceName;
  level: number; // how many of the four bars are filled
  title: string;
  means: string; // in the ladder's own list
  because: string; // behind the verdict
}

export const LADDER: readonly Step[] = [
  { name: "anonymous", level: 0, title: "Anonymous", means: "nothing known", because: "nothing known yet" },
  { name: "claimed", level: 1, title: "Claimed", means: "said in the browser", because: "said in the browser" },
  { name: "email", level: 2, title: "Email code", means: "mailbox proven", because: "by email code" },
  { name: "hmac", level: 3, title: "Signed id", means: "user_hash", because: "by signed user id" },
  { name: "token", level: 4, title: "Token", means: "short-lived, expires", because: "by signed token" },
];

export const step = (name: AssuranceName): Step => LADDER.find((one) => one.name === name) ?? LADDER[0]!;

/** Why the bar stands where it does, and what an agent may conclude. */
export function reason(name: AssuranceName): string {
  switch (name) {
    case "token":
      return "Your server signed a short-lived token for this visitor. What is shown as a fact belongs to them.";
    case "hmac":
      return "Your server signed this visitor’s user id with the identity secret. Only the id is signed: a name or an email sent along from the browser stays a claim.";
    case "email":
      return "The visitor entered a code sent to their mailbox. The address is theirs; nothing else is proven.";
    case "claimed":
      return "The page said who this is, without a signature. Anyone can say anything in a browser, so records stay hidden until it is proven.";
    default:
      return "The page did not say who is visiting. Ask, or let your site identify customers who are signed in.";
  }
}
