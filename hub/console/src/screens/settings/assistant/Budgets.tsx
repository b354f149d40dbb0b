/** What the assistant may spend: answers, tokens and money, and how much of them is used today. */

import type { Assistant } from "../../../assistant";
import type { Form, Wrong } from "../../../assistant-form";
import { used } from "../../../discounts";
import { Field } from "../../../kit/Field";
import { Meter } from "../../../kit/Meter";
import { amount } from "../../../money";
import { address } from "../../../router";
import { count } from "../../../shops";

interface Props {
  saved: Assistant;
  form: Form;
  wrong: Wrong;
  may: boolean;
  change: (next: Partial<Form>) => void;
}

export function Budgets({ saved, form, wrong, may, change }: Props) {
  const model = saved.engine === "model";
  const text = (name: keyof Form, label: string, more: { hint?: string; after?: string; placeholder?: string } = {}) => (
    <Field
      label={label}
      value={form[name]}
      onText={(typed) => change({ [name]: typed })}
      problem={wrong[name]}
      maxLength={18}
      hint={more.hint}
      placeholder={more.placeholder}
      after={more.after && <span>{more.after}</span>}
    />
  );
  const code = form.currency.trim().toUpperCase();
  return (
    <section class="card sc" aria-label="Budgets">
      <div class="ch">
        <h3>Budgets</h3>
      </div>
      <Today saved={saved} />
      <fieldset disabled={!may} class="stacked">
        <legend class="sr">Budgets</legend>
        <div class="g2">
          {text("answers", "One conversation", { after: "answers", hint: "Then a person." })}
          {text("discount_percent", "Highest discount", { after: "%" })}
        </div>
        <p class="hint pol">
          Never above what the <a href={address({ screen: "settings", page: "discounts" })}>discount policy</a> lets.
        </p>
        {!model && !saved.model.configured && <p class="hint">Built-in answers cost nothing, so there is no other budget.</p>}
        {(model || saved.model.configured) && (
          <>
            <div class="g2">
              {text("tokens_a_day", "Tokens a day")}
              {text("tokens_a_visitor", "A visitor a day")}
              {text("price_in", "Price in", { after: code, hint: "A million tokens." })}
              {text("price_out", "Price out", { after: code })}
              {text("currency", "Currency", { placeholder: "EUR" })}
              {text("cost_a_day", "Most a day", { after: code, placeholder: "no limit" })}
            </div>
            <p class="hint">When a budget is used up, Built-in answers until midnight UTC.</p>
          </>
        )}
      </fieldset>
    </section>
  );
}

function Today({ saved }: { saved: Assistant }) {
  const { usage, tokens_a_day, cost_a_day, currency } = saved;
  if (saved.engine !== "model" && usage.tokens === 0) return null;
  const tokens = used(usage.tokens, tokens_a_day);
  const text = `${count(usage.tokens)} of ${count(tokens_a_day)}`;
  const cost = cost_a_day !== null && currency ? used(Number(usage.cost), Number(cost_a_day)) : null;
  const money = (exact: string): string => amount({ minor: 0, currency, text: exact });
  return (
    <div class="today-m">
      <div class="meter">
        <div class="flex between">
          <b>Tokens today</b>
          <span class="num">
            {count(usage.tokens)} <span class="muted">of {count(tokens_a_day)}</span>
          </span>
        </div>
        <Meter label="Tokens today" share={tokens.share} text={text} look={tokens.look} />
      </div>
      {cost && cost_a_day !== null && (
        <div class="meter">
          <div class="flex between">
            <b>Cost today</b>
            <span class="num">
              <bdi>{money(usage.cost)}</bdi>{" "}
              <span class="muted">
                of <bdi>{money(cost_a_day)}</bdi>
              </span>
            </span>
          </div>
          <Meter label="Cost today" share={cost.share} text={`${money(usage.cost)} of ${money(cost_a_day)}`} look={cost.look} />
        </div>
      )}
    </div>
  );
}
