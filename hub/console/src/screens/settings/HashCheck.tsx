/** Compares a hash from the merchant's page with ours, and says which side is wrong. */

import { useState } from "preact/hooks";
import { post, words } from "../../http";
import { Field } from "../../kit/Field";
import { Icon } from "../../kit/Icon";

interface Outcome {
  ok: boolean;
  hint: string;
}

export function HashCheck() {
  const [user, setUser] = useState("");
  const [hash, setHash] = useState("");
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [busy, setBusy] = useState(false);

  const change = (set: (text: string) => void) => (text: string) => {
    set(text);
    setOutcome(null); // it was about something else
  };
  const check = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      setOutcome(await post<Outcome>("/console/api/identity-check", { user_id: user, user_hash: hash }));
    } catch (error) {
      setOutcome({ ok: false, hint: words(error) });
    }
    setBusy(false);
  };

  return (
    <form class="hash" onSubmit={check}>
      <div class="hash-r">
        <Field label="User id" value={user} onText={change(setUser)} required />
        <Field label="Hash from your page" value={hash} onText={change(setHash)} mono />
        <button type="submit" class="btn" disabled={busy}>
          Check
        </button>
      </div>
      <div role="status">{outcome && <Verdict outcome={outcome} user={user} />}</div>
    </form>
  );
}

function Verdict({ outcome, user }: { outcome: Outcome; user: string }) {
  if (outcome.ok) {
    return (
      <p class="verdict ok">
        <Icon name="shield" size={16} />
        <span>
          <b>Both sides agree.</b> User {user} will be shown as verified.
        </span>
      </p>
    );
  }
  return (
    <p class="verdict bad">
      <Icon name="alert" size={16} />
      <span>{outcome.hint}</span>
    </p>
  );
}
