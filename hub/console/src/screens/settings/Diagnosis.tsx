/** Beside the steps: what may have gone wrong and what to do, or what the shop really answered. */

import { troubles } from "../../connecting";
import { CopyButton } from "../../kit/Code";
import { Icon } from "../../kit/Icon";
import { type Card, details } from "../../shops";

interface Props {
  connector: string;
  title: string;
  open: string; // the code one came back with
  detail: string; // what the hub adds to a code we do not know
}

export function Diagnosis({ connector, title, open, detail }: Props) {
  const all = troubles(title, connector);
  const unknown = open !== "" && !all.some(({ code }) => code === open);
  return (
    <section class={open ? "card sc flushc trouble" : "card sc flushc"} aria-label="If it does not work">
      <div class="ch">
        <h3>If it does not work</h3>
      </div>
      <ul class="fls">
        {unknown && (
          <li class="fl">
            <Trouble code={open} title="It did not work" open>
              <p>{detail || `${title} refused, and gave no reason that we know. Nothing was connected.`}</p>
              <p>
                <b>Do this:</b> try once more. If it stays like this, give the code to whoever runs this hub.
              </p>
            </Trouble>
          </li>
        )}
        {all.map(({ code, title: name, what, fix }) => (
          <li class="fl" key={code}>
            <Trouble code={code} title={name} open={code === open}>
              <p>{what}</p>
              <p>
                <b>Do this:</b> {fix}
              </p>
            </Trouble>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface TroubleProps {
  code: string;
  title: string;
  open: boolean;
  children: preact.ComponentChildren;
}

function Trouble({ code, title, open, children }: TroubleProps) {
  return (
    <details open={open} class={open ? "met" : ""}>
      <summary>
        <Icon name="right" size={14} flip />
        <span class="grow">{title}</span>
        <span class="mono quiet-t">{code}</span>
      </summary>
      {children}
    </details>
  );
}

export function Answered({ card, title }: { card: Card; title: string }) {
  const text = answer(card);
  return (
    <section class="card sc" aria-label={`What ${title} answered`}>
      <h3>What {title} answered</h3>
      <p class="muted stp-p">For your developer, or for us.</p>
      <pre class="code small" dir="ltr" tabIndex={0} role="region" aria-label="The answer">
        {text}
      </pre>
      <div class="flex answered-b">
        <CopyButton class="btn sm" text={text} />
      </div>
    </section>
  );
}

function answer({ connection }: Card): string {
  const line = (name: string, values: readonly string[]): string =>
    values.map((value, at) => (at ? "" : name).padEnd(9) + value).join("\n");
  return [
    line("asked", details(connection, "asked_scopes")),
    line("granted", details(connection, "scopes")),
    line("missing", details(connection, "missing_scopes")),
    line("shop", [connection.shop]),
    line("at", [connection.checked_at ?? connection.created_at]),
  ]
    .filter(Boolean)
    .join("\n");
}
