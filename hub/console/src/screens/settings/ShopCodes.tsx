/** The shop's own codes: what each gives, until when, and how often it was used. */

import { useEffect, useState } from "preact/hooks";
import { now } from "../../kit/now";
import { More, usePages } from "../../kit/Pages";
import { SearchField } from "../../kit/SearchField";
import { Empty, Failed, Skeleton } from "../../kit/States";
import { Status } from "../../kit/Status";
import { gives, type ShopCode, SHOP_CODE_STATES, shopCodes, terms, until, uses } from "../../shop-codes";
import { full } from "../../time";

const PAUSE = 200;

export function ShopCodesCard() {
  const [text, setText] = useState("");
  const sought = text.trim();
  const pages = usePages((after) => shopCodes(sought, after));
  const { at, load } = pages;
  useEffect(() => {
    const clock = setTimeout(load, sought ? PAUSE : 0); // what is there stays on screen meanwhile
    return () => clearTimeout(clock);
  }, [sought]);
  return (
    <section class="card sc flushc" aria-label="The shop’s own codes">
      <div class="ch">
        <div class="grow">
          <h3>The shop’s own codes</h3>
          <p>Made in the shop by your team. To look up only: agents and the assistant do not give them.</p>
        </div>
        <SearchField label="Search the shop’s own codes" placeholder="Code begins with" class="codes-s" text={text} onText={setText} />
      </div>
      {at.state === "loading" && <Skeleton rows={3} />}
      {at.state === "failed" && <Failed title="The shop’s codes did not load" problem={at.problem} onRetry={load} />}
      {at.state === "ready" && <Table codes={at.value.items} sought={sought} />}
      <More pages={pages}>More codes</More>
    </section>
  );
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
