/** The head of a settings page: what it is, what it is for, and its actions. */

import type { ComponentChildren } from "preact";
import { Icon } from "../../kit/Icon";
import { address } from "../../router";

interface Props {
  title: string;
  about: string;
  actions?: ComponentChildren;
}

export function Head({ title, about, actions }: Props) {
  return (
    <header class="shead">
      <a class="btn ghost icon only-phone" href={address({ screen: "settings", page: null })} aria-label="All settings">
        <Icon name="left" size={20} flip />
      </a>
      <div class="grow">
        <h2>{title}</h2>
        <p>{about}</p>
      </div>
      {actions}
    </header>
  );
}
