/** The first two steps: which shop, and what it is asked for. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { webAddress } from "../../address";
import { allowed, habits } from "../../connecting";
import { Refusal, words } from "../../http";
import { Code, CopyButton } from "../../kit/Code";
import { Field } from "../../kit/Field";
import { Icon } from "../../kit/Icon";
import { go } from "../../router";
import { shopAddress, whyNone } from "../../shop-address";
import { connect, type Connector } from "../../shops";
import { useDesk } from "../../work";
import { Step, Steps, Later } from "./Step";

interface Props {
  connector: Connector;
  shop: string; // from the address: somebody has been here before
  problem: string;
  may: boolean;
  onTrouble: (code: string) => void; // what to do about it stands beside the form
}

interface Wrong {
  field: string;
  text: string;
}

/** The field that names the shop: the first, whatever the connector calls it. */
const shopField = ({ fields }: Connector): string => fields[0]?.name ?? "shop";
const EXTRA = "permissions";

export function ConnectForm({ connector, shop, problem, may, onTrouble }: Props) {
  const desk = useDesk();
  const named = shopField(connector);
  const [values, setValues] = useState<{ [name: string]: string }>({ [named]: shop });
  const known = shop !== "" && problem !== "not_found";
  const [chosen, setChosen] = useState(known);
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const [busy, setBusy] = useState(false);
  const host = shopAddress(connector.name, values[named] ?? "");

  const write = (name: string, text: string): void => {
    setWrong(null);
    setValues({ ...values, [name]: text });
  };
  const choose = (event: Event): void => {
    event.preventDefault();
    if (host) setChosen(true);
    else setWrong({ field: named, text: whyNone(connector.name, values[named] ?? "") });
  };
  const leave = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setWrong(null);
    try {
      const { redirect, connection } = await connect(connector.name, filled({ ...values, [named]: host ?? "" }));
      const url = webAddress(redirect);
      if (url) return location.assign(url); // still busy: the page is about to go
      await desk.shops.load();
      go({ screen: "settings", page: "integrations", within: ["connect", connector.name], query: `connection=${connection}` });
    } catch (error) {
      const field = (error instanceof Refusal && error.field?.replace(/^values\./, "")) || "";
      setWrong({ field, text: words(error) });
      if (error instanceof Refusal) onTrouble(error.code);
      if (field === named) setChosen(false);
    }
    setBusy(false);
  };

  return (
    <Steps>
      {chosen ? (
        <Step number={1} state="done" title="Shop address" beside={<bdi>{host}</bdi>}>
          <button type="button" class="linkish" onClick={() => setChosen(false)}>
            Change
          </button>
        </Step>
      ) : (
        <Step number={1} state="now" title="Shop address">
          <ShopForm connector={connector} typed={values[named] ?? ""} host={host} wrong={wrong} may={may} write={write} choose={choose} />
        </Step>
      )}
      <Step number={2} state={chosen ? "now" : "todo"} title={`Approve in ${connector.title}`}>
        {chosen && <Approve focus={!known} connector={connector} values={values} wrong={wrong} busy={busy} may={may} write={write} leave={leave} />}
      </Step>
      <Later connector={connector} />
    </Steps>
  );
}

/** Blanks are left out: the hub takes a blank for a mistake. */
const filled = (values: { [name: string]: string }): { [name: string]: string } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== ""));

interface ShopFormProps {
  connector: Connector;
  typed: string;
  host: string | null;
  wrong: Wrong | null;
  may: boolean;
  write: (name: string, text: string) => void;
  choose: (event: Event) => void;
}

function ShopForm({ connector, typed, host, wrong, may, write, choose }: ShopFormProps) {
  const field = connector.fields[0];
  const named = shopField(connector);
  const resolved = host && host !== typed.trim().toLowerCase() ? host : null;
  return (
    <form class="shop-f" onSubmit={choose} noValidate>
      <Field
        label={field?.label ?? "Shop address"}
        hideLabel
        value={typed}
        onText={(text) => write(named, text)}
        placeholder={field?.placeholder}
        autofocus
        maxLength={300}
        problem={wrong?.field === named ? wrong.text : undefined}
        hint={resolved ? <>That is <bdi>{resolved}</bdi>.</> : habits(connector.name).types}
      />
      <button type="submit" class="btn primary" disabled={!may}>
        Continue
      </button>
    </form>
  );
}

interface ApproveProps {
  focus: boolean; // one came here from the step before, by the keyboard or not
  connector: Connector;
  values: { [name: string]: string };
  wrong: Wrong | null;
  busy: boolean;
  may: boolean;
  write: (name: string, text: string) => void;
  leave: (event: Event) => void;
}

function Approve({ focus, connector, values, wrong, busy, may, write, leave }: ApproveProps) {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => void (focus && button.current?.focus()), []);
  const own = connector.fields.filter(({ name }) => name !== shopField(connector) && name !== EXTRA);
  const mine = own.some(({ name }) => values[name]?.trim());
  const required = own.some((one) => one.required) || connector.steps.some((one) => one.snippet);
  return (
    <form onSubmit={leave} noValidate>
      <p class="muted stp-p">{habits(connector.name).asks}</p>
      <Allowed connector={connector} extra={values[EXTRA] ?? ""} write={(text) => write(EXTRA, text)} />
      {own.length > 0 && (
        <Own connector={connector} open={required || mine} problem={own.some(({ name }) => name === wrong?.field)}>
          {own.map((field) => (
            <Field
              key={field.name}
              label={field.label}
              value={values[field.name] ?? ""}
              onText={(text) => write(field.name, text)}
              placeholder={field.placeholder}
              type={field.secret ? "password" : "text"}
              mono
              hint={field.help || undefined}
              problem={wrong?.field === field.name ? wrong.text : undefined}
            />
          ))}
        </Own>
      )}
      {wrong && !connector.fields.some(({ name }) => name === wrong.field) && (
        <p class="notice negative stp-p" role="alert">
          <Icon name="alert" size={16} />
          <span>{wrong.text}</span>
        </p>
      )}
      <div class="flex wrap">
        <button ref={button} type="submit" class="btn primary" disabled={busy || !may}>
          {busy ? <span class="spin" /> : <Icon name={mine || required ? "key" : "link"} size={16} />}
          {mine || required ? habits(connector.name).withOwn : `Go to ${connector.title}`}
        </button>
        {!mine && !required && <span class="muted">Opens in this window, comes back here</span>}
      </div>
    </form>
  );
}

interface AllowedProps {
  connector: Connector;
  extra: string;
  write: (text: string) => void;
}

function Allowed({ connector, extra, write }: AllowedProps) {
  const { switches } = habits(connector.name);
  const on = new Set(extra.split(" ").filter(Boolean));
  const toggle = (scope: string): void => {
    if (!on.delete(scope)) on.add(scope);
    write([...on].join(" "));
  };
  return (
    <ul class="perms">
      {allowed(connector).map(({ label, access }) => (
        <li key={label}>
          <Icon name="check" size={16} />
          <span class="grow">{label}</span>
          <span class="quiet-t">{access}</span>
        </li>
      ))}
      {switches.map(({ scope, label, access }) => (
        <li key={scope} class={on.has(scope) ? "" : "no"}>
          <label class="flex grow">
            <input type="checkbox" class="tickbox" checked={on.has(scope)} onChange={() => toggle(scope)} />
            <span class="grow">{label}, only if you switch it on</span>
          </label>
          <span class="quiet-t">{on.has(scope) ? access : "off"}</span>
        </li>
      ))}
    </ul>
  );
}

interface OwnProps {
  connector: Connector;
  open: boolean;
  problem: boolean;
  children: ComponentChildren;
}

/** For self-hosters: their own app's keys in place of an approval. */
function Own({ connector, open, problem, children }: OwnProps) {
  const steps = connector.steps.filter((one) => one.snippet || one.link);
  return (
    <details class="fold own" open={open || problem}>
      <summary>
        <Icon name="right" size={14} flip />
        {habits(connector.name).own}
      </summary>
      <div class="own-b">
        {steps.map((step) => (
          <div key={step.title}>
            <b>{step.title}</b>
            <p class="muted">{step.text}</p>
            {step.snippet && (
              <div class="own-s">
                <Code text={step.snippet} label={step.title} />
                <CopyButton class="btn sm" text={step.snippet} />
              </div>
            )}
            {webAddress(step.link) && (
              <a href={webAddress(step.link)!} target="_blank" rel="noopener noreferrer">
                Open it
              </a>
            )}
          </div>
        ))}
        {children}
      </div>
    </details>
  );
}
