/** The dialogs about keys: make one, see it once, exchange it, end it. */

import { useState } from "preact/hooks";
import { Refusal, words } from "../../http";
import { Code, CopyButton } from "../../kit/Code";
import { Confirm, Dialog } from "../../kit/Dialog";
import { Field } from "../../kit/Field";
import { Icon } from "../../kit/Icon";
import { type ApiKey, type MadeKey, makeKey, revokeKey, rotateKey, SCOPES } from "../../keys";
import { curl, type Example } from "../../snippets";

export function Scopes({ scopes }: { scopes: readonly string[] }) {
  return (
    <span class="scopes">
      {scopes.map((scope) => (
        <span class="scope" key={scope}>
          {scope}
        </span>
      ))}
    </span>
  );
}

interface MakeProps {
  onMade: (made: MadeKey) => void;
  onClose: () => void;
}

export function NewKey({ onMade, onClose }: MakeProps) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly string[]>(["identify", "records"]);
  const [refused, setRefused] = useState<{ field: string | null; words: string } | null>(null);
  const [busy, setBusy] = useState(false);

  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      onMade(await makeKey(name.trim(), scopes));
    } catch (error) {
      setRefused({ field: error instanceof Refusal ? error.field : null, words: words(error) });
      setBusy(false);
    }
  };
  const toggle = (scope: string): void =>
    setScopes(scopes.includes(scope) ? scopes.filter((one) => one !== scope) : [...scopes, scope]);

  const footer = (
    <>
      <button type="button" class="btn" onClick={onClose}>
        Cancel
      </button>
      <button type="submit" form="new-key" class="btn primary" disabled={busy || !name.trim() || scopes.length === 0}>
        Make key
      </button>
    </>
  );
  return (
    <Dialog title="New key" about="One key for each server or job, so that one can be ended without the others." onClose={onClose} footer={footer}>
      <form id="new-key" class="stacked" onSubmit={make}>
        <Field
          label="Name"
          value={name}
          onText={setName}
          placeholder="Payout worker"
          maxLength={80}
          autofocus
          problem={refused?.field === "name" ? refused.words : undefined}
        />
        <fieldset>
          <legend class="label">What it may do</legend>
          <div class="ticks">
            {SCOPES.map((scope) => (
              <label class="tickrow" key={scope.name}>
                <input
                  type="checkbox"
                  class="tickbox"
                  checked={scopes.includes(scope.name)}
                  onChange={() => toggle(scope.name)}
                />
                <span>
                  <span class="scope">{scope.name}</span>
                  <p>{scope.about}</p>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        {refused && refused.field !== "name" && (
          <p class="hint bad" role="alert">
            <Icon name="alert" size={14} />
            {refused.words}
          </p>
        )}
      </form>
    </Dialog>
  );
}

interface OnceProps {
  made: MadeKey;
  api: string;
  onClose: () => void;
}

export function KeyOnce({ made, api, onClose }: OnceProps) {
  const [stored, setStored] = useState(false);
  const example = ["records", "identify", "products"].find((scope) => made.scopes.includes(scope));
  const footer = (
    <>
      <label class="flex stored">
        <input type="checkbox" class="tickbox" checked={stored} onChange={() => setStored(!stored)} />I have stored it
      </label>
      <button type="button" class="btn" disabled={!stored} onClick={onClose}>
        Done
      </button>
    </>
  );
  return (
    <Dialog
      title="Copy your key now"
      about="This is the only time it is shown. We keep a hash, not the key."
      stay
      onClose={onClose}
      footer={footer}
    >
      <div class="keybox">
        <span class="mono">{made.key}</span>
        <CopyButton class="btn primary" text={made.key} onCopied={() => setStored(true)} />
      </div>
      <dl class="ats keyfacts">
        <div class="at-r">
          <dt>Name</dt>
          <dd>{made.name}</dd>
        </div>
        <div class="at-r">
          <dt>Scopes</dt>
          <dd>
            <Scopes scopes={made.scopes} />
          </dd>
        </div>
      </dl>
      {example && (
        <details class="fold">
          <summary>
            <Icon name="right" size={14} />
            Try it
          </summary>
          <Code text={curl(api, made.key, example as Example)} label="Example request" />
        </details>
      )}
    </Dialog>
  );
}

export function Rotate({ of: key, onMade, onClose }: { of: ApiKey } & MakeProps) {
  const [atOnce, setAtOnce] = useState(false);
  const { run, busy, refused } = useAction(async () => onMade(await rotateKey(key.id, atOnce)));
  return (
    <Confirm
      title={`Rotate ${key.name}`}
      about="A new key with the same scopes is made. The old one goes on working for 24 hours, so nothing stops."
      action="Rotate"
      busy={busy}
      problem={refused}
      onConfirm={run}
      onClose={onClose}
    >
      <label class="tickrow">
        <input type="checkbox" class="tickbox" checked={atOnce} onChange={() => setAtOnce(!atOnce)} />
        <span>
          <b>End the old key at once</b>
          <p>When it has leaked.</p>
        </span>
      </label>
    </Confirm>
  );
}

interface RevokeProps {
  of: ApiKey;
  onRevoked: () => void;
  onClose: () => void;
}

export function Revoke({ of: key, onRevoked, onClose }: RevokeProps) {
  const { run, busy, refused } = useAction(async () => {
    await revokeKey(key.id);
    onRevoked();
  });
  return (
    <Confirm
      title={`Revoke ${key.name}?`}
      about={`Whatever uses ${key.hint} is refused from now on. A revoked key cannot come back.`}
      action="Revoke key"
      busy={busy}
      problem={refused}
      onConfirm={run}
      onClose={onClose}
    />
  );
}

function useAction(act: () => Promise<void>): { run: () => void; busy: boolean; refused: string } {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const run = (): void => {
    setBusy(true);
    act().catch((error) => {
      setRefused(words(error));
      setBusy(false);
    });
  };
  return { run, busy, refused };
}
