/** A labelled choice of a few, by the browser's own list: it works everywhere, with every keyboard. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./Icon";

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  hint?: ComponentChildren;
  disabled?: boolean;
  onPick: (value: T) => void;
}

export function Select<T extends string>({ label, value, options, hint, disabled, onPick }: Props<T>) {
  const id = useId();
  return (
    <div>
      <label class="label" for={id}>
        {label}
      </label>
      <div class="field select">
        <select
          id={id}
          value={value}
          disabled={disabled}
          aria-describedby={hint ? `${id}-below` : undefined}
          onChange={(event) => onPick(event.currentTarget.value as T)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
        <Icon name="down" size={16} />
      </div>
      {hint && (
        <p id={`${id}-below`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}
