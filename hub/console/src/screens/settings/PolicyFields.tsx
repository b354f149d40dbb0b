/** The fields of the discount policy. */

import { Switch } from "../../kit/Choice";
import { Field } from "../../kit/Field";
import { Select } from "../../kit/Select";
import type { Form, Wrong } from "../../policy-form";

interface Props {
  form: Form;
  wrong: Wrong;
  may: boolean;
  change: (next: Partial<Form>) => void;
}

const DAYS = ["1", "3", "7", "14", "30", "90"];

const days = (value: string): { value: string; label: string }[] =>
  [...new Set([...DAYS, value])]
    .sort((one, other) => Number(one) - Number(other))
    .map((many) => ({ value: many, label: many === "1" ? "1 day" : `${many} days` }));

export function PolicyFields({ form, wrong, may, change }: Props) {
  const text = (name: keyof Wrong, label: string, more: { after?: string; hint?: string; placeholder?: string } = {}) => (
    <Field
      label={label}
      value={form[name]}
      onText={(typed) => change({ [name]: typed })}
      problem={wrong[name]}
      maxLength={16}
      hint={more.hint}
      placeholder={more.placeholder}
      after={more.after && <span>{more.after}</span>}
    />
  );
  const code = form.currency.trim().toUpperCase();
  return (
    <fieldset disabled={!may}>
      <legend class="sr">Policy</legend>
      <div class="g2">
        {text("highest_percent", "Highest percent", { after: "%" })}
        {text("approval_percent", "Needs approval above", { after: "%" })}
        {text("highest_amount", "Highest amount", { after: code, placeholder: "none" })}
        {text("approval_amount", "Needs approval above", { after: code, placeholder: "never" })}
        {text("minimum", "Smallest order", { after: code, placeholder: "any" })}
        <Select
          label="Valid for"
          value={form.valid_days}
          options={days(form.valid_days)}
          disabled={!may}
          onPick={(value) => change({ valid_days: value })}
        />
        {text("per_customer", "Codes per customer")}
        <Select
          label="Within"
          value={form.per_customer_days}
          options={days(form.per_customer_days)}
          disabled={!may}
          onPick={(value) => change({ per_customer_days: value })}
        />
        {text("per_conversation", "Codes per conversation")}
        {text("codes_a_day", "Codes a day")}
        {text("value_a_day", "Value a day", { after: code, placeholder: "no limit" })}
        {text("currency", "Currency", { placeholder: "EUR" })}
        {text("refund_limit", "Refunds need approval above", { after: code, placeholder: "every refund", hint: "Agents’ refunds; admins need no approval." })}
      </div>
      <div class="set stop">
        <div class="grow">
          <b>Assistant may issue codes</b>
          <p>Inside this policy, to verified customers</p>
        </div>
        <Switch label="Assistant may issue codes" on={form.assistant} onChange={(assistant) => may && change({ assistant })} />
      </div>
    </fieldset>
  );
}
