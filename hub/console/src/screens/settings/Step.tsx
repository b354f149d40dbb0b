/** A step of several: its number, whether it is done, and what there is to do in it. */

import type { ComponentChildren } from "preact";
import { habits } from "../../connecting";
import { Icon } from "../../kit/Icon";
import type { Connector } from "../../shops";

export function Steps({ children }: { children: ComponentChildren }) {
  return (
    <section class="card steps" aria-label="Steps">
      <ol>{children}</ol>
    </section>
  );
}

interface Props {
  number: number;
  state: "done" | "now" | "todo" | "bad";
  title: string;
  beside?: ComponentChildren;
  children?: ComponentChildren;
}

const SAID = { done: "Done: ", now: "Now: ", todo: "", bad: "Needs you: " } as const;

export function Step({ number, state, title, beside, children }: Props) {
  const open = state === "now" || state === "bad";
  return (
    <li class={`stp ${state}`} aria-current={open ? "step" : undefined}>
      <span class={`sn ${state}`} aria-hidden="true">
        {state === "done" ? <Icon name="check" size={14} /> : state === "bad" ? <Icon name="x" size={14} /> : number}
      </span>
      <div class="grow">
        <div class="flex between stp-h">
          <b>
            <span class="sr">{SAID[state]}</span>
            {title}
          </b>
          <span class="muted flex">
            {beside}
            {state === "done" && children}
          </span>
        </div>
        {state !== "done" && children && <div class="stp-b">{children}</div>}
      </div>
    </li>
  );
}

/** What comes after the approval, before there is anything to show of it. */
export function Later({ connector }: { connector: Connector }) {
  const { storefront } = habits(connector.name);
  return (
    <>
      <Step number={3} state="todo" title="Check permissions" />
      <Step number={4} state="todo" title="Read the catalog" beside="first products in seconds" />
      {storefront && <Step number={5} state="todo" title={storefront.title} beside={storefront.hint} />}
    </>
  );
}
