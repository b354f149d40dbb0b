/** Settings: the pages there are, and the one that is open. */

import { Icon } from "../../kit/Icon";
import type { IconName } from "../../kit/icons";
import { address, type Page, type SettingsPlace } from "../../router";
import { Developers } from "./Developers";
import { Install } from "./Install";
import { Launcher } from "./Launcher";
import "./settings.css";

interface Group {
  title: string;
  pages: readonly { page: Page; title: string; icon: IconName }[];
}

/** A new page of settings is one line here and one in `SCREENS`. */
const GROUPS: readonly Group[] = [
  {
    title: "Widget",
    pages: [
      { page: "install", title: "Install", icon: "code" },
      { page: "launcher", title: "Launcher", icon: "chat" },
    ],
  },
  { title: "Shop data", pages: [{ page: "developers", title: "Developers", icon: "key" }] },
];

const SCREENS: { readonly [page in Page]: () => preact.JSX.Element } = {
  install: Install,
  launcher: Launcher,
  developers: Developers,
};

export function SettingsScreen({ at }: { at: SettingsPlace }) {
  const page = at.page ?? "install"; // a phone shows the list first, a desk has room for both
  const Screen = SCREENS[page];
  return (
    <>
      <nav class={at.page ? "pane snav away" : "pane snav"} aria-label="Settings">
        <div class="bar">
          <h2>Settings</h2>
        </div>
        <div class="scroll">
          {GROUPS.map((group) => (
            <Pages key={group.title} group={group} current={page} />
          ))}
        </div>
      </nav>
      <div class={at.page ? "pane sview" : "pane sview away"}>
        <Screen key={page} />
      </div>
    </>
  );
}

function Pages({ group, current }: { group: Group; current: Page }) {
  return (
    <>
      <h3>{group.title}</h3>
      <ul>
        {group.pages.map(({ page, title, icon }) => (
          <li key={page}>
            <a href={address({ screen: "settings", page })} aria-current={page === current ? "page" : undefined}>
              <Icon name={icon} size={16} />
              <span class="grow">{title}</span>
              <span class="only-phone">
                <Icon name="right" size={16} flip />
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
