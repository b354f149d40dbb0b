/** Before an order is opened: a code to the address it was ordered with, or signing in to the shop. */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { VerifyCard } from "../../../../chat/protocol";
import { counted } from "../format";
import { Drawn, Icon, type IconName } from "../parts/icon";
import { MAIL } from "./paths";
import { session, words } from "../state";
import { useChat } from "../use";
import { fill } from "../words";
import { again, check, digits, proof, send } from "./proof";

const LADDER = ["anonymous", "claimed", "email", "hmac", "token"];

export function Verify({ card }: { card: VerifyCard }): JSX.Element | null {
  const said = words();
  const has = session.value?.assurance ?? "anonymous";
  const isProven = LADDER.indexOf(has) >= LADDER.indexOf(card.needs);
  if (isProven && has !== "email") return null; // signed in: the answer itself follows
  if (isProven) return <Note icon="check" tone="positive" title={said.confirmed} text={said.confirmedHow} />;
  if (!card.by_code) return <Note icon="shield" tone="accent" title={said.signIn} text={said.signInHow} />;
  return proof.value.step === "email" ? <EmailForm /> : <CodeForm />;
}

function Note({ icon, tone, title, text }: { icon: IconName; tone: string; title: string; text: string }): JSX.Element {
  return (
    <div class="card inset form note" role="status">
      <Heading tone={tone} picture={<Icon name={icon} size={18} />} title={title}>{text}</Heading>
    </div>
  );
}

interface HeadingProps {
  tone?: string;
  picture: JSX.Element;
  title: string;
  children: ComponentChildren;
}

function Heading({ tone = "accent", picture, title, children }: HeadingProps): JSX.Element {
  return (
    <div class="lead-in">
      <span class={`glyph ${tone}`}>{picture}</span>
      <div>
        <h2>{title}</h2>
        <p class="lead">{children}</p>
      </div>
    </div>
  );
}

const Mail = (): JSX.Element => <Drawn path={MAIL} size={18} />;

function EmailForm(): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const { busy, problem, email: before } = proof.value;
  const [email, setEmail] = useState(() => before || chat.claimedEmail());
  const id = useId();
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!busy && email.trim()) void send(email.trim());
  };
  return (
    <form class="card inset form" aria-label={said.confirmEmail} aria-live="off" noValidate onSubmit={submit}>
      <Heading picture={<Mail />} title={said.confirmEmail}>{said.confirmHow}</Heading>
      <div>
        <label class="lab" for={id}>{said.email}</label>
        <div class="w-field">
          <input
            id={id}
            type="email"
            dir="ltr"
            inputmode="email"
            autocomplete="email"
            maxLength={320}
            placeholder={said.emailExample}
            aria-invalid={problem === "email"}
            aria-describedby={`${id}p`}
            value={email}
            onInput={(event) => setEmail(event.currentTarget.value)}
          />
        </div>
      </div>
      <Trouble id={`${id}p`} />
      <button class="w-btn primary" type="submit" disabled={busy || !email.trim()}>
        {busy && <span class="spin" />}
        {said.sendCode}
      </button>
    </form>
  );
}

function CodeForm(): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const { busy, problem, sentTo, left } = proof.value;
  const [code, setCode] = useState("");
  const box = useRef<HTMLInputElement>(null);
  const id = useId();
  const isOver = left <= 0 || problem === "over";
  useEffect(() => box.current?.focus(), []);
  const submit = async (typed: string): Promise<void> => {
    const session = await check(typed);
    if (session) return chat.proven(session);
    setCode("");
    box.current?.focus();
  };
  const type = (text: string): void => {
    const typed = digits(text);
    setCode(typed);
    if (typed.length === 6 && !busy && !isOver) void submit(typed);
  };
  const [before, after = ""] = said.sentTo.split("{address}") as [string, string?];
  return (
    <form class="card inset form" aria-label={said.confirmEmail} aria-live="off" onSubmit={(event) => event.preventDefault()}>
      <Heading picture={<Mail />} title={said.enterCode}>
        {before}<bdi>{sentTo}</bdi>{after}
      </Heading>
      <div class="code-in" dir="ltr">
        <input
          ref={box}
          type="text"
          inputmode="numeric"
          autocomplete="one-time-code"
          aria-label={said.codeLabel}
          aria-invalid={problem === "wrong"}
          aria-describedby={`${id}p`}
          disabled={isOver}
          readOnly={busy}
          value={code}
          onInput={(event) => type(event.currentTarget.value)}
        />
        {[0, 1, 2, 3, 4, 5].map((place) => (
          <span key={place} class={place === Math.min(code.length, 5) ? "at" : ""} aria-hidden="true">{code[place]}</span>
        ))}
      </div>
      <Trouble id={`${id}p`} />
      <div class="more">
        <Again />
        <button class="linkish" type="button" onClick={again}>{said.otherEmail}</button>
      </div>
    </form>
  );
}

/** What went wrong, in plain words; or that it is being looked at. */
function Trouble({ id }: { id: string }): JSX.Element {
  const said = words();
  const { problem, left, busy, step } = proof.value;
  const text = problem === "wrong" ? counted(said.codeProblems.wrong, left) : problem && said.codeProblems[problem];
  return (
    <p class="trouble" id={id} role="status">
      {text ? <><Icon name="alert" size={16} />{text}</> : busy && step === "code" ? said.checking : ""}
    </p>
  );
}

/** Another code, after a minute. */
function Again(): JSX.Element {
  const said = words();
  const { again, email, busy } = proof.value;
  const [now, setNow] = useState(Date.now);
  const wait = Math.max(0, Math.ceil((again - now) / 1000));
  useEffect(() => {
    if (again <= Date.now()) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [again]);
  if (wait > 0) {
    const time = `${Math.floor(wait / 60)}:${String(wait % 60).padStart(2, "0")}`;
    return <span>{fill(said.newCodeIn, { time })}</span>;
  }
  return <button class="linkish" type="button" disabled={busy} onClick={() => void send(email)}>{said.newCode}</button>;
}
