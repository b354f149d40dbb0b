/** Gives money back: which lines, what the shop says it comes to, and who has to agree. */

import { useEffect, useMemo, useState } from "preact/hooks";
import type { OrderLine } from "../../../../chat/protocol";
import { newId } from "../../../../widget/src/app/id";
import { Refusal, words } from "../http";
import { Dialog } from "../kit/Dialog";
import { Field } from "../kit/Field";
import { Icon } from "../kit/Icon";
import { Money } from "../kit/Money";
import { Select } from "../kit/Select";
import { amount } from "../money";
import { act, chosen, estimate, isChosen, lineAmount, type Lines, type LiveOrder, type Preview, preview } from "../orders";
import { day } from "../time";
import { done } from "../toast";
import { useDesk } from "../work";
import { statusWord } from "../tone";
import { now } from "../kit/now";

interface Props {
  order: LiveOrder;
  name: string;
  onDone: () => void;
  onClose: () => void;
}

const PAUSE = 250;
const FORM = "refund";

export function RefundDialog({ order, name, onDone, onClose }: Props) {
  const { deeds, approvals } = useDesk();
  const [lines, setLines] = useState<Lines>({});
  const [shipping, setShipping] = useState(false);
  const [restock, setRestock] = useState<"no" | "yes">("no");
  const [notify, setNotify] = useState(true);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const { seen, problem, ask } = usePreview(order.record!, lines, shipping);
  const picked = isChosen(lines, shipping);
  const wish = JSON.stringify([chosen(lines), shipping, restock, notify, reason, seen?.amount.minor]);
  const id = useMemo(newId, [wish]); // the same deed tried again is one; another deed is another

  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!seen || busy) return;
    setBusy(true);
    setRefused("");
    try {
      const said = { lines: chosen(lines), shipping, restock: restock === "yes", notify, reason: reason.trim(), amount: seen.amount };
      const view = await act({ id, record: order.record!, kind: "refund", ...said });
      deeds.put(view);
      approvals.action(view);
      if (view.state === "failed") throw new Refusal(409, "failed", view.detail || "The shop refused the refund.");
      done(view.state === "waiting" ? `${people(seen.approvers)} can approve it now` : view.detail || `${amount(seen.amount)} goes back`);
      onDone();
    } catch (error) {
      setRefused(words(error));
      setBusy(false);
      ask(); // the shop may compute another amount by now
    }
  };

  const footer = (
    <>
      <span class="muted sum" role="status">
        {!picked ? (
          "Choose what goes back"
        ) : seen ? (
          <>
            Refund{" "}
            <b>
              <Money money={seen.amount} />
            </b>
          </>
        ) : (
          !problem && "Asking the shop…"
        )}
      </span>
      <button type="button" class="btn" onClick={onClose}>
        Cancel
      </button>
      <button type="submit" form={FORM} class="btn primary" disabled={!seen || !picked || busy || seen.amount.minor <= 0}>
        {busy && <span class="spin" />}
        {seen?.needs_approval ? "Ask for approval" : seen && picked ? `Refund ${amount(seen.amount)}` : "Refund"}
      </button>
    </>
  );
  return (
    <Dialog title={`Refund order ${order.number}`} about={about(order, name)} onClose={onClose} footer={footer}>
      <form id={FORM} onSubmit={send} noValidate>
        <Items order={order} lines={lines} shipping={shipping} seen={seen} onLines={setLines} onShipping={setShipping} />
        <div class="g2 refund-f">
          <Field label="Reason" value={reason} onText={setReason} maxLength={500} placeholder="Arrived late" />
          <Select
            label="Restock"
            value={restock}
            options={[
              { value: "no", label: "No" },
              { value: "yes", label: "Yes, back into stock" },
            ]}
            onPick={setRestock}
          />
        </div>
        <label class="flex notify">
          <input type="checkbox" class="tickbox" checked={notify} onChange={() => setNotify(!notify)} />
          The shop tells the customer by email
        </label>
        {picked && seen?.needs_approval && <NeedsApproval seen={seen} />}
        {(refused || problem) && (
          <div class="notice negative" role="alert">
            <Icon name="alert" size={16} />
            <p class="grow">{refused || problem}</p>
            {problem && (
              <button type="button" class="linkish" onClick={ask}>
                Try again
              </button>
            )}
          </div>
        )}
      </form>
    </Dialog>
  );
}

function about(order: LiveOrder, name: string): string {
  const paid = order.total ? `${statusWord(order.payment).toLowerCase()} ${amount(order.total)}` : statusWord(order.payment).toLowerCase();
  const how = order.paid_with ? ` with ${statusWord(order.paid_with)}` : "";
  return `${name}, ${paid}${how} on ${day(order.placed_at, now.value)}`;
}

/** "Ines or Ruben" */
function people(names: readonly string[]): string {
  if (names.length === 0) return "An admin";
  return new Intl.ListFormat("en", { type: "disjunction" }).format(names.slice(0, 3));
}

function NeedsApproval({ seen }: { seen: Preview }) {
  return (
    <div class="notice warning">
      <Icon name="lock" size={16} />
      <p>
        <b>Needs approval.</b> <Money money={seen.amount} /> is above your limit
        {seen.limit && seen.limit.minor > 0 && (
          <>
            {" "}
            of <Money money={seen.limit} />
          </>
        )}
        . {people(seen.approvers)} can approve; nothing is sent to the shop before that.
      </p>
    </div>
  );
}

interface ItemsProps {
  order: LiveOrder;
  lines: Lines;
  shipping: boolean;
  seen: Preview | null;
  onLines: (lines: Lines) => void;
  onShipping: (on: boolean) => void;
}

function Items({ order, lines, shipping, seen, onLines, onShipping }: ItemsProps) {
  const sum = estimate(order.lines, lines);
  return (
    <table class="tbl refund-t">
      <thead>
        <tr>
          <th>Item</th>
          <th class="r">Refund</th>
          <th class="r">Amount</th>
        </tr>
      </thead>
      <tbody>
        {order.lines.map((line) => (
          <Item key={line.id} line={line} quantity={lines[line.id] ?? 0} onQuantity={(many) => onLines({ ...lines, [line.id]: many })} />
        ))}
        <tr>
          <td>
            <label for="refund-shipping">Shipping</label>
          </td>
          <td class="r">
            <input id="refund-shipping" type="checkbox" class="tickbox" checked={shipping} onChange={() => onShipping(!shipping)} />
          </td>
          <td class="r">{shipping && seen && <Money money={seen.shipping} />}</td>
        </tr>
      </tbody>
      {seen && sum && isChosen(lines, false) && seen.amount.minor !== sum.minor + (shipping ? seen.shipping.minor : 0) && (
        <tfoot>
          <tr>
            <td colSpan={3} class="muted differs">
              The shop counts discounts, taxes and earlier refunds: what it says below is what goes back.
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

interface ItemProps {
  line: OrderLine;
  quantity: number;
  onQuantity: (many: number) => void;
}

function Item({ line, quantity, onQuantity }: ItemProps) {
  const sum = quantity ? lineAmount(line, quantity) : null;
  return (
    <tr>
      <td class="item-t">
        <span class="clip" title={line.title}>
          {line.title}
        </span>
        {line.detail && <span class="quiet-t clip">{line.detail}</span>}
      </td>
      <td class="r">
        {line.refundable > 0 ? (
          <span class="field sm qty">
            <button type="button" aria-label={`One less of ${line.title}`} disabled={quantity === 0} onClick={() => onQuantity(quantity - 1)}>
              −
            </button>
            <span role="status" aria-label={`${quantity} of ${line.refundable} ${line.title}`} class={quantity ? "num on" : "num"}>
              {quantity} of {line.refundable}
            </span>
            <button type="button" aria-label={`One more of ${line.title}`} disabled={quantity >= line.refundable} onClick={() => onQuantity(quantity + 1)}>
              +
            </button>
          </span>
        ) : (
          <span class="quiet-t">refunded</span>
        )}
      </td>
      <td class="r">{sum && <Money money={sum} />}</td>
    </tr>
  );
}

/** What the shop says the choice comes to, asked again a moment after it changed. */
function usePreview(record: string, lines: Lines, shipping: boolean) {
  const [seen, setSeen] = useState<Preview | null>(null);
  const [problem, setProblem] = useState("");
  const [turn, setTurn] = useState(0);
  const choice = JSON.stringify([chosen(lines), shipping]);
  useEffect(() => {
    setSeen(null);
    setProblem("");
    if (!isChosen(lines, shipping)) return;
    const abort = new AbortController();
    const clock = setTimeout(() => {
      preview(record, lines, shipping, abort.signal).then(setSeen, (error) => abort.signal.aborted || setProblem(words(error)));
    }, PAUSE);
    return () => {
      clearTimeout(clock);
      abort.abort();
    };
  }, [record, choice, turn]);
  return { seen, problem, ask: () => setTurn(turn + 1) };
}
