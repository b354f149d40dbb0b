/** Settings → Discounts: what waits for approval, the policy, the day's budget, every code, and the shop's own. */

import { useState } from "preact/hooks";
import { type Policy, policy, savePolicy, stop, today, type Today, used } from "../../discounts";
import { Refusal, words } from "../../http";
import { Confirm } from "../../kit/Dialog";
import { Icon } from "../../kit/Icon";
import { Meter } from "../../kit/Meter";
import { Failed, Skeleton } from "../../kit/States";
import { Unsaved } from "../../kit/Unsaved";
import { useLoaded } from "../../loaded";
import { amount } from "../../money";
import type { SettingsPlace } from "../../router";
import { isAdmin } from "../../session";
import { changes, type Form, problems, toForm, type Wrong } from "../../policy-form";
import { count } from "../../shops";
import { done, problem } from "../../toast";
import { useDesk, useNews } from "../../work";
import { Approvals } from "./Approvals";
import { Head } from "./Head";
import { LedgerCard } from "./Ledger";
import { PolicyFields } from "./PolicyFields";
import { ShopCodesCard } from "./ShopCodes";
import "./discounts.css";

const ABOUT = "The ceiling no agent, approver or assistant can pass.";
const FORM = "discount-policy";

export function Discounts({ at }: { at: SettingsPlace }) {
  const loading = useLoaded(policy);
  const now = loading.at.value;
  if (now.state === "ready") {
    return <Page saved={now.value} onSaved={(value) => loading.change(() => value)} query={at.query ?? ""} />;
  }
  return (
    <div class="scroll">
      <div class="sbody wide">
        <Head title="Discounts" about={ABOUT} />
        {now.state === "loading" ? (
          <Skeleton rows={6} />
        ) : (
          <Failed title="The policy did not load" problem={now.problem} onRetry={() => loading.load()} />
        )}
      </div>
    </div>
  );
}

interface PageProps {
  saved: Policy;
  onSaved: (policy: Policy) => void;
  query: string;
}

function Page({ saved, onSaved, query }: PageProps) {
  const may = isAdmin(useDesk().me);
  const before = toForm(saved);
  const [form, setForm] = useState<Form>(before);
  const [refused, setRefused] = useState<Wrong>({});
  const [busy, setBusy] = useState(false);
  const changed = changes(before, form);
  const dirty = Object.keys(changed).length > 0;
  const wrong = { ...refused, ...problems(form) };

  const change = (next: Partial<Form>): void => {
    setRefused({});
    setForm({ ...form, ...next });
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!dirty || Object.keys(problems(form)).length) return;
    setBusy(true);
    try {
      const now = await savePolicy(changed);
      onSaved(now);
      setForm(toForm(now));
      done("Saved. It holds from this moment on.");
    } catch (error) {
      if (error instanceof Refusal && error.field) setRefused({ [error.field]: error.message });
      else problem(words(error));
    }
    setBusy(false);
  };
  const actions = may && dirty && (
    <span class="flex">
      <Unsaved form={FORM} save="Save policy" busy={busy || Object.keys(wrong).length > 0} discard={() => change(before)} />
    </span>
  );
  return (
    <div class="scroll">
      <div class="sbody wide">
        <Head title="Discounts" about={ABOUT} actions={actions} />
        {saved.stopped && <Stopped by={saved.updated_by} may={may} onResumed={onSaved} />}
        <Approvals />
        <div class="two">
          <form id={FORM} onSubmit={save} noValidate class="card sc" aria-label="Policy">
            <div class="ch">
              <h3>Policy</h3>
            </div>
            {!may && <p class="notice info">Only admins and owners can change the policy.</p>}
            <PolicyFields form={form} wrong={wrong} may={may} change={change} />
          </form>
          <Budget key={saved.updated_at ?? ""} stopped={saved.stopped} may={may} onChanged={onSaved} />
        </div>
        <LedgerCard query={query} may={may} />
        <ShopCodesCard />
      </div>
    </div>
  );
}

interface StoppedProps {
  by: string;
  may: boolean;
  onResumed: (policy: Policy) => void;
}

function Stopped({ by, may, onResumed }: StoppedProps) {
  const resume = (): void => void stop(false).then(onResumed, (error) => problem(words(error)));
  return (
    <div class="notice negative stopped" role="status">
      <Icon name="power" size={16} />
      <p class="grow">
        <b>All discounts are stopped{by && ` by ${by}`}.</b> No code is issued by anyone. Codes that are out stay valid.
      </p>
      {may && (
        <button type="button" class="btn sm" onClick={resume}>
          Allow again
        </button>
      )}
    </div>
  );
}

interface BudgetProps {
  stopped: boolean;
  may: boolean;
  onChanged: (policy: Policy) => void;
}

function Budget({ stopped, may, onChanged }: BudgetProps) {
  const loading = useLoaded(today);
  const [asking, setAsking] = useState(false);
  const at = loading.at.value;
  useNews(({ type }) => type === "DiscountChanged", () => loading.load(), 300);
  return (
    <section class="card sc" aria-label="Today">
      <div class="ch">
        <h3>Today</h3>
      </div>
      {at.state === "loading" && <Skeleton rows={2} />}
      {at.state === "failed" && (
        <p class="hint bad" role="alert">
          {at.problem}
          <button type="button" class="linkish" onClick={() => loading.load()}>
            Try again
          </button>
        </p>
      )}
      {at.state === "ready" && <Meters today={at.value} />}
      <div class="set stop">
        <div class="grow">
          <b>Stop all discounts</b>
          <p>Takes effect at once, for everyone</p>
        </div>
        {may && (
          <button type="button" class="btn" disabled={stopped} onClick={() => setAsking(true)}>
            <Icon name="power" size={16} />
            {stopped ? "Stopped" : "Stop"}
          </button>
        )}
      </div>
      {asking && <AskStop onClose={() => setAsking(false)} onStopped={onChanged} />}
    </section>
  );
}

function Meters({ today: day }: { today: Today }) {
  const codes = used(day.codes, day.codes_limit);
  const text = `${count(day.codes)} of ${count(day.codes_limit)}`;
  const value = day.value && day.value_limit && used(day.value.minor, day.value_limit.minor);
  return (
    <>
      <div class="meter">
        <div class="flex between">
          <span>Codes</span>
          <b class="num">{text}</b>
        </div>
        <Meter label="Codes today" share={codes.share} text={text} look={codes.look} />
      </div>
      {day.value && (
        <div class="meter">
          <div class="flex between">
            <span>Value given</span>
            <b class="num">
              <bdi>{amount(day.value)}</bdi>
              {day.value_limit && (
                <>
                  {" "}
                  of <bdi>{amount(day.value_limit)}</bdi>
                </>
              )}
            </b>
          </div>
          {value && <Meter label="Value today" share={value.share} text={amount(day.value)} look={value.look} />}
        </div>
      )}
      <p class="hint">
        {day.value_limit
          ? "A percentage counts as the highest amount until its order says what it was worth. When either is used up, no code is issued until midnight UTC."
          : "When they are used up, no code is issued until midnight UTC."}
      </p>
    </>
  );
}

function AskStop({ onClose, onStopped }: { onClose: () => void; onStopped: (policy: Policy) => void }) {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const now = async (): Promise<void> => {
    setBusy(true);
    try {
      onStopped(await stop(true));
      onClose();
    } catch (error) {
      setRefused(words(error));
      setBusy(false);
    }
  };
  return (
    <Confirm
      title="Stop all discounts?"
      about="No agent and no assistant can issue a code until somebody allows it again. Codes that are out stay valid."
      action="Stop"
      busy={busy}
      problem={refused}
      onConfirm={now}
      onClose={onClose}
    />
  );
}

