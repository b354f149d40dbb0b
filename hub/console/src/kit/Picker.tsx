/** Picks one of what a search finds, to insert it: the arrows move, Enter takes. */

import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import { Popover } from "./Popover";

interface PickerProps<T> {
  icon: IconName;
  label: string;
  onPick: (one: T) => void;
  children: (pick: (one: T) => void) => ComponentChildren;
}

export function Picker<T>({ icon, label, onPick, children }: PickerProps<T>) {
  return (
    <Popover button={<Icon name={icon} />} label={label} title={label} class="btn ghost icon" panel="ins" role="dialog">
      {(close) =>
        children((one) => {
          close();
          onPick(one);
        })
      }
    </Popover>
  );
}

const COMBOBOX: object = { role: "combobox" }; // Preact's types know it only for inputs with a datalist

/** The props of the field and of each option, and how to begin at the top again. */
export function useOptions<T>(items: readonly T[], onPick: (one: T) => void) {
  const [at, setAt] = useState(0);
  const list = useId();
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: { [key: string]: number } = { ArrowDown: at + 1, ArrowUp: at - 1 };
    const to = moves[event.key];
    if (to !== undefined && items.length) {
      event.preventDefault();
      setAt((to + items.length) % items.length);
    }
    const picked = items[at];
    if (event.key === "Enter" && picked) {
      event.preventDefault();
      onPick(picked);
    }
  };
  const field = {
    "aria-expanded": items.length > 0,
    "aria-controls": list,
    "aria-activedescendant": items[at] ? `${list}-${at}` : undefined,
    onKeyDown,
  };
  const option = (item: T, index: number) => ({
    id: `${list}-${index}`,
    role: "option" as const,
    class: "cm",
    "aria-selected": index === at,
    onClick: () => onPick(item),
    onMouseMove: () => setAt(index),
  });
  return { list, field, option, restart: () => setAt(0) };
}

interface FieldProps {
  label: string;
  text: string;
  onText: (text: string) => void;
  field: object; // of `useOptions`
}

export function PickerField({ label, text, onText, field }: FieldProps) {
  return (
    <div class="find">
      <div class="field">
        <Icon name="search" size={16} />
        <input
          type="search"
          {...COMBOBOX}
          {...field}
          aria-label={label}
          placeholder={label}
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      </div>
    </div>
  );
}
