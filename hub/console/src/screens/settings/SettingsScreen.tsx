/** Settings: the pages there are, and the one that is open. */

import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../../kit/Icon";
import { lazily } from "../../kit/Lazy";
import type { IconName } from "../../kit/icons";
import { address, type Page, type SettingsPlace } from "../../router";
import { isAdmin } from "../../session";
import { useDesk } from "../../work";
import { Developers } from "./Developers";
import { Discounts } from "./Discounts";
import { Integrations } from "./Integrations";
import { Install } from "./Install";
import { Launcher } from "./Launcher";
import "./settings.css";

const Assistant = lazily(async () => (await import("./assistant/Assistant")).Assistant);

interface Group {
  title: string;
  pages: readonly { page: Page | "articles"; title: string; icon: IconName }[];
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
  {
    title: "Shop data",
    pages: [
      { page: "integrations", title: "Integrations", icon: "link" },
      { page: "developers", title: "Developers", icon: "key" },
    ],
  },
  {
    title: "Answers",
    pages: [
      { page: "assistant", title: "Assistant", icon: "spark" },
      { page: "articles", title: "Articles", icon: "book" }, // a screen of its own
      { page: "discounts", title: "Discounts", icon: "tag" },
    ],
  },
];

const SCREENS: { readonly [page in Page]: ComponentType<{ at: SettingsPlace }> } = {
  install: Install,
  launcher: Launcher,
  integrations: Integrations,
  developers: Developers,
  assistant: Assistant,
  discounts: Discounts,
};

export function SettingsScreen({ at }: { at: SettingsPlace }) {
  const page = at.page ?? "install"; // a phone shows the list first, a desk has room for both
  const Screen = SCREENS[page];
  const { shops } = useDesk();
  useEffect(() => shops.want(), [shops]);
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
        <Screen key={page} at={at} />
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
            <a href={page === "articles" ? address({ screen: "articles", article: null }) : address({ screen: "settings", page })} aria-current={page === current ? "page" : undefined}>
              <Icon name={icon} size={16} />
              <span class="grow">{title}</span>
              <Badge page={page} />
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

/** What waits for somebody on a page: a dot for a shop that needs help, the number of approvals. */
function Badge({ page }: { page: Page | "articles" }) {
  const { shops, approvals, me } = useDesk();
  if (page === "integrations" && shops.needsSomeone.value) {
    return <span class="nd" role="img" aria-label="Needs attention" />;
  }
  const waits = page === "discounts" && isAdmin(me) ? approvals.count.value : 0;
  return waits > 0 ? (
    <span class="un num" aria-label={`${waits} waiting for approval`} role="img">
      {waits}
    </span>
  ) : null;
}
