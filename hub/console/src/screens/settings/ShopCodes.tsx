/** The shop's own codes: what each gives, until when, and how often it was used. */

import { useEffect, useRef, useState } from "preact/hooks";
import { words } from "../../http";
import { Icon } from "../../kit/Icon";
import { now } from "../../kit/now";
import { Empty, Failed, Skeleton } from "../../kit/States";
import { Status } from "../../kit/Status";
import type { Loaded } from "../../loaded";
import { gives, type ShopCode, type ShopCodes, SHOP_CODE_STATES, shopCodes, terms, until, uses } from "../../shop-codes";
import { full } from "../../time";

const PAUSE = 200;

export function ShopCodesCard() {
  const [text, setText] = useState("");
  const { at, more, load, adding } = usePages(text.trim());
  return (
    <section class="card sc flushc" aria-label="The shop’s own codes">
      <div class="ch">
        <div class="grow">
          <h3>The shop’s own codes</h3>
          <p>Made in the shop by your team. To look up only: agents and the assistant do not give them.</p>
        </div>
        <Search text={text} onText={setText} />
      </div>
      {at.state === "loading" && <Skeleton rows={3} />}
      {at.state === "failed" && <Failed title="The shop’s codes did not load" problem={at.problem} onRetry={load} />}
      {at.state === "ready" && <Table codes={at.value.items} sought={text.trim()} />}
      {at.state === "ready" && at.value.next && (
        <div class="more">
          <button type="button" class="btn ghost sm" disabled={adding} onClick={more}>
            {adding ? "Loading…" : "More codes"}
          </button>
        </div>
      )}
    </section>
  );
}

function Search({ text, onText }: { text: string; onText: (text: string) => void }) {
  return (
    <div class="field sm codes-s" role="search">
      <Icon name="search" size={16} />
      <input
        type="search"
        aria-label="Search the shop’s own codes"
        placeholder="Code begins with"
        maxLength={255}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      {text && (
        <button type="button" class="btn ghost sm icon clear" aria-label="Clear the search" onClick={() => onText("")}>
          <Icon name="x" size={14} />
        </button>
      )}
    </div>
  );
}

/** The codes in pages; what is there stays on screen while something else is sought. */
function usePages(sought: string) {
  const [at, setAt] = useState<Loaded<ShopCodes>>({ state: "loading" });
  const [adding, setAdding] = useState(false);
  const turn = useRef(0);
  const load = (): void => {
    const mine = (turn.current += 1);
    shopCodes(sought).then(
      (value) => mine === turn.current && setAt({ state: "ready", value }),
      (error) => mine === turn.current && setAt({ state: "failed", problem: words(error) }),
    );
  };
  const more = async (): Promise<void> => {
    if (at.state !== "ready" || !at.value.next) return;
    const mine = turn.current;
    setAdding(true);
    try {
      const { items, next } = await shopCodes(sought, at.value.next);
      if (mine === turn.current) setAt({ state: "ready", value: { items: [...at.value.items, ...items], next } });
    } catch {
      // what is there stays, and the button can be pressed again
    }
    setAdding(false);
  };
  useEffect(() => {
    const clock = setTimeout(load, sought ? PAUSE : 0);
    return () => clearTimeout(clock);
  }, [sought]);
  return { at, more, load, adding };
}

function Table({ codes, sought }: { codes: readonly ShopCode[]; sought: string }) {
  if (codes.length === 0) {
    return (
      <Empty icon="tag" title={sought ? "No such code" : "No code of the shop’s own"}>
        {sought ? `No code begins with “${sought}”.` : "Coupons that are made in a connected WooCommerce shop appear here."}
      </Empty>
    );
  }
  const several = new Set(codes.map(({ store }) => store)).size > 1;
  return (
    <div class="tscroll" tabIndex={0} role="region" aria-label="The shop’s own codes, by name">
      <table class="tbl flush ledger">
        <thead>
          <tr>
            <th>Code</th>
            <th>Gives</th>
            <th>Until</th>
            <th class="r">Used</th>
            <th>State</th>
          </tr>
        </thead>
        <tbody>
          {codes.map((code) => (
            <Row key={code.id} code={code} several={several} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ code, several }: { code: ShopCode; several: boolean }) {
  const on = terms(code);
  return (
    <tr>
      <td title={code.title || undefined}>
        <bdi class="mono">{code.code}</bdi>
        {several && code.store && <span class="quiet-t store">{code.store}</span>}
      </td>
      <td>
        <bdi>{gives(code)}</bdi>
        {on && <span class="quiet-t store">{on}</span>}
      </td>
      <td class="muted" title={code.expires_at ? full(code.expires_at) : undefined}>
        {until(code, now.value)}
      </td>
      <td class="r">{uses(code)}</td>
      <td>
        <Status look={SHOP_CODE_STATES[code.state]} />
      </td>
    </tr>
  );
}
