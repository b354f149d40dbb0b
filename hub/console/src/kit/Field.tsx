/** A labelled input with its hint or its problem below. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./Icon";

interface Props {
  label: string;
  value: string;
  onText: (text: string) => void;
  hint?: ComponentChildren;
  problem?: string | undefined;
  large?: boolean;
  before?: ComponentChildren;
  after?: ComponentChildren;
  hideLabel?: boolean;
  type?: "text" | "email" | "password" | "search" | "url" | "number";
  autocomplete?: "username" | "current-password" | "off";
  inputMode?: "numeric" | "text";
  placeholder?: string;
  maxLength?: number;
  mono?: boolean;
  autofocus?: boolean;
  required?: boolean;
}

export function Field(props: Props) {
  const { label, value, onText, hint, problem, large, before, after, hideLabel } = props;
  const id = useId();
  const below = problem ?? hint;
  return (
    <div>
      <label class={hideLabel ? "sr" : "label"} for={id}>
        {label}
      </label>
      <div class={`field${large ? " lg" : ""}${problem ? " bad" : ""}`}>
        {before}
        <input
          id={id}
          type={(props.type ?? "text") as "text"} // one of them at a time, which Preact's types cannot see
          class={props.mono ? "mono" : undefined}
          autocomplete={props.autocomplete ?? "off"}
          inputMode={props.inputMode}
          placeholder={props.placeholder}
          maxLength={props.maxLength}
          autofocus={props.autofocus}
          required={props.required}
          spellcheck={false}
          value={value}
          aria-invalid={problem ? true : undefined}
          aria-describedby={below ? `${id}-below` : undefined}
          onInput={(event) => onText(event.currentTarget.value)}
        />
        {after}
      </div>
      {below && (
        <p id={`${id}-below`} class={problem ? "hint bad" : "hint"} role={problem ? "alert" : undefined}>
          {problem && <Icon name="alert" size={14} />}
          {below}
        </p>
      )}
    </div>
  );
}
