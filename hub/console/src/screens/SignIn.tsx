/** The door: email and password, and in plain words why it stays shut. */

import { useEffect, useState } from "preact/hooks";
import { Refusal, words } from "../http";
import { Field } from "../kit/Field";
import { Icon, Mark } from "../kit/Icon";
import { signIn } from "../session";
import "./signin.css";

interface Props {
  notice: string;
  tone: "info" | "warning" | "negative";
}

export function SignIn({ notice, tone }: Props) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const wait = useCountdown();

  useEffect(() => {
    document.title = "Sign in · Parley";
  }, []);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setRefused("");
    try {
      await signIn(email.trim(), password);
    } catch (error) {
      setRefused(words(error));
      if (error instanceof Refusal && error.retryAfter) wait.start(error.retryAfter);
      setBusy(false);
    }
  };

  return (
    <main class="auth">
      <div class="authc">
        <span class="amark">
          <Mark size={40} />
        </span>
        <h1>Sign in</h1>
        <p class="muted">to Parley on {location.host}</p>
        <form class="aform" onSubmit={submit}>
          {refused ? <Notice tone="negative" text={refused} /> : notice && <Notice tone={tone} text={notice} />}
          <Field
            label="Email"
            type="email"
            value={email}
            onText={setEmail}
            autocomplete="username"
            large
            required
            autofocus
          />
          <Field
            label="Password"
            type={shown ? "text" : "password"}
            value={password}
            onText={setPassword}
            autocomplete="current-password"
            large
            required
            after={
              <button
                type="button"
                class="btn ghost sm icon peek"
                aria-label={shown ? "Hide password" : "Show password"}
                aria-pressed={shown}
                onClick={() => setShown(!shown)}
              >
                <Icon name="eye" size={16} />
              </button>
            }
          />
          <button type="submit" class="btn primary lg" disabled={busy || wait.left > 0}>
            {wait.left > 0 ? `Wait ${minutes(wait.left)}` : busy ? "Signing in…" : "Sign in"}
          </button>
        </form>
      </div>
      <p class="quiet-t">No account, or password lost? Ask an owner of your workspace for a sign-in link.</p>
    </main>
  );
}

function Notice({ tone, text }: { tone: Props["tone"]; text: string }) {
  const [first, rest] = firstSentence(text);
  return (
    <div class={`notice ${tone}`} role="alert">
      <Icon name={tone === "info" ? "info" : "alert"} />
      <p class="grow">
        <b>{first}</b> {rest}
      </p>
    </div>
  );
}

function firstSentence(text: string): [string, string] {
  const end = text.indexOf(". ") + 1;
  return end > 0 ? [text.slice(0, end), text.slice(end + 1)] : [text, ""];
}

function useCountdown(): { left: number; start: (seconds: number) => void } {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const clock = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(clock);
  }, [left]);
  return { left, start: setLeft };
}

const minutes = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
