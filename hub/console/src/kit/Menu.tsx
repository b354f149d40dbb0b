/** A list of things to do or to choose from, behind a button. */

import type { ComponentChildren } from "preact";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import { Popover } from "./Popover";

export interface MenuItem {
  label: string;
  group?: string; // a heading over it and those after it with the same
  icon?: IconName;
  picture?: ComponentChildren; // in place of an icon
  checked?: boolean; // one of several to choose from
  danger?: boolean;
  pick: () => void;
}

interface Props {
  button: ComponentChildren;
  label?: string;
  title?: string;
  class?: string;
  align?: "start" | "end";
  items: readonly MenuItem[];
}

export function Menu({ items, ...rest }: Props) {
  return (
    <Popover {...rest} panel="menu">
      {(close) =>
        grouped(items).map(([group, members]) => (
          <div key={group} role="group" aria-label={group || undefined}>
            {group && (
              <div class="mg" aria-hidden="true">
                {group}
              </div>
            )}
            {members.map((item) => (
              <Item key={item.label} item={item} close={close} />
            ))}
          </div>
        ))
      }
    </Popover>
  );
}

function grouped(items: readonly MenuItem[]): [string, MenuItem[]][] {
  const groups = new Map<string, MenuItem[]>();
  for (const item of items) {
    const group = item.group ?? "";
    groups.set(group, [...(groups.get(group) ?? []), item]);
  }
  return [...groups];
}

function Item({ item, close }: { item: MenuItem; close: () => void }) {
  const choice = item.checked !== undefined;
  const pick = (): void => {
    close();
    item.pick();
  };
  return (
    <button
      type="button"
      class={item.danger ? "mi danger" : "mi"}
      role={choice ? "menuitemradio" : "menuitem"}
      aria-checked={choice ? item.checked : undefined}
      tabIndex={-1}
      onClick={pick}
    >
      {item.picture ?? (item.icon && <Icon name={item.icon} size={16} />)}
      <span class="grow clip">{item.label}</span>
      {item.checked && (
        <span class="tick">
          <Icon name="check" size={14} />
        </span>
      )}
    </button>
  );
}
