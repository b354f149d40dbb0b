/** A code for a discount: what it takes off, the code to copy, its terms, and the way to use it. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { DiscountCard as Card } from "../../../../chat/protocol";
import { money, percent, until } from "../format";
import { safeUrl } from "../safe";
import { minute, words } from "../state";
import { fill } from "../words";
import { Icon } from "../parts/icon";

const SHOWN = 2000; // milliseconds that "Copied" stays

export function DiscountCard({ card }: { card: Card }): JSX.Element {
  const said = words();
  const end = ending(card);
  const url = safeUrl(card.url);
  return (
    <div class={end ? "d-card inset over" : "d-card inset"}>
      <div class="amt">
        <bdi>{card.amount ? money(card.amount) : percent(card.percent)}</bdi>
        <small>{said.off}</small>
      </div>
      <div class="b">
        <div class="code">
          <bdi>{card.code}</bdi>
          {!end && <Copy code={card.code} />}
        </div>
        {!end && url && (
          <a class="w-btn primary sm" href={url} target="_blank" rel="noopener noreferrer">
            {said.useCode}
            <span class="sr">{said.opensNewTab}</span>
          </a>
        )}
        <span class="fine">{end ?? terms(card)}</span>
      </div>
    </div>
  );
}

/** Why the code is no use any more; undefined while it is good. */
function ending({ state, expires_at }: Card): string | undefined {
  const { codeStates: said } = words();
  const isOver = expires_at !== null && Date.parse(expires_at) <= minute.value;
  if (state === "issued") return isOver ? said.expired : undefined;
  if (state === "redeemed" || state === "expired") return said[state];
  return state === "reserved" || state === "waiting" ? said.soon : said.revoked;
}

function terms({ expires_at, minimum }: Card): string {
  const said = words();
  const once = expires_at ? fill(said.oneUseUntil, { day: until(expires_at) }) : said.oneUse;
  return minimum ? `${once} ${fill(said.ordersOver, { amount: money(minimum) })}` : once;
}

function Copy({ code }: { code: string }): JSX.Element {
  const said = words();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    void clipped(code).then(setCopied);
  };
  return (
    <>
      <button type="button" aria-label={said.copyCode} title={said.copyCode} onClick={copy}>
        {copied ? <span class="copied">{said.copied}</span> : <Icon name="copy" size={18} />}
      </button>
      <span class="sr" role="status">{copied ? said.copied : ""}</span>
    </>
  );
}

/** Whether the code is on the clipboard. The old way first: in a frame the new one is often forbidden, loudly. */
async function clipped(text: string): Promise<boolean> {
  return copied(text) || navigator.clipboard.writeText(text).then(() => true, () => false);
}

function copied(text: string): boolean {
  const field = document.createElement("textarea");
  const focused = document.activeElement as HTMLElement | null;
  field.value = text;
  field.style.cssText = "position:fixed;opacity:0";
  document.body.append(field);
  field.select();
  const isDone = document.execCommand?.("copy") ?? false;
  field.remove();
  focused?.focus();
  return isDone;
}
