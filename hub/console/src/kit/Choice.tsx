/** Switches and segments: small choices that act at once. */

import type { ComponentChildren, TargetedKeyboardEvent } from "preact";

interface SwitchProps {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ label, on, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      class="switch"
      role="switch"
      aria-checked={on}
      aria-label={label}
      onClick={() => onChange(!on)}
    />
  );
}

interface Option<T extends string> {
  value: T;
  label: string;
  icon?: ComponentChildren; // shown in place of the label
}

interface SegmentedProps<T extends string> {
  label: string;
  value: T;
  options: readonly Option<T>[];
  tabs?: boolean; // it shows one of several views of the same thing
  onChange: (value: T) => void;
}

export function Segmented<T extends string>({ label, value, options, tabs, onChange }: SegmentedProps<T>) {
  return (
    <div class="seg" role={tabs ? "tablist" : "radiogroup"} aria-label={label} onKeyDown={moveAlong}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role={tabs ? "tab" : "radio"}
          aria-checked={tabs ? undefined : option.value === value}
          aria-selected={tabs ? option.value === value : undefined}
          aria-label={option.icon ? option.label : undefined}
          title={option.icon ? option.label : undefined}
          tabIndex={option.value === value ? 0 : -1}
          onClick={() => onChange(option.value)}
        >
          {option.icon ?? option.label}
        </button>
      ))}
    </div>
  );
}

const STEPS: { readonly [key: string]: number } = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Arrow keys move and choose, as in any group of radios or tabs. */
export function moveAlong(event: TargetedKeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  if (!step) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=tab], [role=radio]")];
  const along = getComputedStyle(event.currentTarget).direction === "rtl" ? -step : step;
  const next = all[(all.indexOf(document.activeElement as HTMLElement) + along + all.length) % all.length];
  event.preventDefault();
  next?.focus();
  next?.click();
}
