/** The secret that signs user ids: masked until an admin asks, copied, and exchanged. */

import { useState } from "preact/hooks";
import { post, words } from "../../http";
import { Confirm } from "../../kit/Dialog";
import { CopyButton } from "../../kit/Code";
import { Icon } from "../../kit/Icon";
import { isAdmin } from "../../session";
import { dayAndTime } from "../../time";
import { done, problem } from "../../toast";
import { useDesk } from "../../work";

export interface SecretState {
  id: string;
  created_at: string;
  retiring: { id: string; expires_at: string }[];
}

interface Secret {
  secret: string;
}

const MASK = "•".repeat(32);

interface Props {
  state: SecretState;
  onRotated: () => void;
}

export function IdentitySecret({ state, onRotated }: Props) {
  const { me } = useDesk();
  const [shown, setShown] = useState("");
  const [rotating, setRotating] = useState(false);
  const may = isAdmin(me);

  const reveal = async (): Promise<string> => shown || (await post<Secret>("/console/api/identity-secret/reveal")).secret;
  const toggle = async (): Promise<void> => {
    try {
      setShown(shown ? "" : await reveal());
    } catch (error) {
      problem(words(error));
    }
  };

  return (
    <>
      <div class="ch">
        <div class="grow">
          <h3>Identity secret</h3>
          <p>Sign user ids with it on your server. Never send it to the browser.</p>
        </div>
      </div>
      <div class="flex secret">
        <div class="field grow">
          <span class="v mono clip" aria-label={shown ? undefined : "Hidden"}>
            {shown || MASK}
          </span>
          {may && (
            <>
              <button
                type="button"
                class="btn ghost sm icon"
                aria-label={shown ? "Hide the secret" : "Reveal the secret"}
                aria-pressed={shown !== ""}
                onClick={toggle}
              >
                <Icon name="eye" size={16} />
              </button>
              <CopyButton class="btn ghost sm icon" label="Copy the secret" text={reveal} />
            </>
          )}
        </div>
        {may && (
          <button type="button" class="btn" onClick={() => setRotating(true)}>
            Rotate…
          </button>
        )}
      </div>
      {!may && <p class="hint">Only admins and owners of {me.workspace.name} can see or rotate it.</p>}
      {state.retiring.map((old) => (
        <p class="hint" key={old.id}>
          The secret before this one is still accepted until {dayAndTime(old.expires_at)}.
        </p>
      ))}
      {rotating && (
        <Rotate
          onClose={() => setRotating(false)}
          onRotated={(secret) => {
            setRotating(false);
            setShown(secret);
            done("A new secret is in use");
            onRotated();
          }}
        />
      )}
    </>
  );
}

const KEEP = [
  { hours: 24, title: "For 24 hours", about: "Both are accepted while you put the new one on your server." },
  { hours: 168, title: "For 7 days", about: "When many servers have to change." },
  { hours: 0, title: "Not at all", about: "When it has leaked. Visitors become unverified until your server has the new one." },
] as const;

function Rotate({ onClose, onRotated }: { onClose: () => void; onRotated: (secret: string) => void }) {
  const [hours, setHours] = useState<number>(24);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const rotate = async (): Promise<void> => {
    setBusy(true);
    try {
      onRotated((await post<Secret>("/console/api/identity-secret/rotate", { keep_hours: hours })).secret);
    } catch (error) {
      setRefused(words(error));
      setBusy(false);
    }
  };
  return (
    <Confirm
      title="Rotate the identity secret"
      about="A new secret is made. How long shall the old one still be accepted?"
      action="Rotate"
      busy={busy}
      problem={refused}
      onConfirm={rotate}
      onClose={onClose}
    >
      <div class="ticks" role="radiogroup" aria-label="Accept the old secret">
        {KEEP.map((choice) => (
          <label class="tickrow" key={choice.hours}>
            <input
              type="radio"
              class="tickbox"
              name="keep"
              checked={hours === choice.hours}
              onChange={() => setHours(choice.hours)}
            />
            <span>
              <b>{choice.title}</b>
              <p>{choice.about}</p>
            </span>
          </label>
        ))}
      </div>
    </Confirm>
  );
}
