/** When a person takes over: always, or where one wants it so. */

import { useId } from "preact/hooks";
import { type Form, wordList, type Wrong } from "../../../assistant-form";
import { Switch } from "../../../kit/Choice";
import type { Part } from "./KillSwitch";

interface Props extends Part {
  form: Form;
  wrong: Wrong;
  change: (next: Partial<Form>) => void;
}

const ALWAYS = [
  ["It does not know", "It says so, then hands over"],
  ["Something fails", "Within 30 seconds"],
  ["The visitor asks", "In any language"],
] as const;

export function HandOver({ saved, may, keep, form, wrong, change }: Props) {
  const many = wordList(form.words).length;
  const id = useId();
  return (
    <section class="card sc hand" aria-label="Hand over to a person">
      <div class="ch">
        <h3>Hand over to a person</h3>
      </div>
      {ALWAYS.map(([title, about]) => (
        <div class="set" key={title}>
          <div class="grow">
            <b>{title}</b>
            <p>{about}</p>
          </div>
          <span class="pill noicon">Always on</span>
        </div>
      ))}
      <div class="set">
        <div class="grow">
          <b>Two unhelpful answers</b>
          <p>It asked back or did not know, twice in a row</p>
        </div>
        {may ? (
          <Switch
            label="Two unhelpful answers"
            on={saved.unhelpful}
            onChange={(unhelpful) => void keep({ unhelpful }, unhelpful ? "Then a person takes over." : "It goes on trying.")}
          />
        ) : (
          <span class="pill noicon">{saved.unhelpful ? "On" : "Off"}</span>
        )}
      </div>
      <div class="set words-s">
        <div class="grow">
          <label for={id}>
            <b>Angry or legal words</b>
          </label>
          <p>{many ? `Your list, ${many} ${many === 1 ? "word" : "words"}, one a line` : "One a line: who writes one gets a person at once"}</p>
        </div>
      </div>
      <textarea
        id={id}
        class={wrong.words ? "words-t bad" : "words-t"}
        rows={4}
        dir="auto"
        disabled={!may}
        value={form.words}
        placeholder={"lawyer\nchargeback"}
        aria-invalid={wrong.words ? true : undefined}
        aria-describedby={wrong.words ? `${id}-below` : undefined}
        onInput={(event) => change({ words: event.currentTarget.value })}
      />
      {wrong.words && (
        <p id={`${id}-below`} class="hint bad" role="alert">
          {wrong.words}
        </p>
      )}
    </section>
  );
}
