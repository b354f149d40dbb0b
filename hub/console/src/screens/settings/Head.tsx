/** The head of a settings page: what it is, what it is for, and its actions. */

import type { ComponentChildren } from "preact";
import { Icon } from "../../kit/Icon";
import { address } from "../../router";

interface Props {
  title: string;
  about: ComponentChildren;
  actions?: ComponentChildren;
  back?: string; // the page this one is below
}

export function Head({ title, about, actions, back }: Props) {
  return (
    <header class="shead">
      {back ? (
        <a class="btn ghost icon back" href={back} aria-label="All integrations">
          <Icon name="left" size={20} flip />
        </a>
      ) : (
        <a class="btn ghost icon only-phone" href={address({ screen: "settings", page: null })} aria-label="All settings">
          <Icon name="left" size={20} flip />
        </a>
      )}
      <div class="grow">
        <h2>{title}</h2>
        <p>{about}</p>
      </div>
      {actions}
    </header>
  );
}
