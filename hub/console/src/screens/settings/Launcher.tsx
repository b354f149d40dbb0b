/** Settings → Launcher: what visitors see before they write, with the real widget beside the form. */

import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import {
  appearance,
  changes,
  type Look,
  type OwnAppearance,
  previewed,
  type Problems,
  problems,
  saveAppearance,
} from "../../appearance";
import { Refusal, words } from "../../http";
import { Failed, Skeleton } from "../../kit/States";
import { Unsaved, useUnsavedWarning } from "../../kit/Unsaved";
import { useLoaded } from "../../loaded";
import { isAdmin } from "../../session";
import { done, problem } from "../../toast";
import { useDesk } from "../../work";
import { Head } from "./Head";
import { type Change, Place, Words } from "./LauncherFields";
import { Preview } from "./Preview";

/** What is changed and not saved; it outlives a look at another page. */
const unsaved = signal<Partial<Look>>({});

export function Launcher() {
  const loading = useLoaded(appearance);
  const at = loading.at.value;
  if (at.state === "ready") return <Form saved={at.value} onSaved={(now) => loading.change(() => now)} />;
  return (
    <div class="scroll">
      <div class="sbody">
        <Head title="Launcher" about="What visitors see before they write." />
        {at.state === "loading" ? (
          <Skeleton rows={5} />
        ) : (
          <Failed title="This page did not load" problem={at.problem} onRetry={() => loading.load()} />
        )}
      </div>
    </div>
  );
}

interface FormProps {
  saved: OwnAppearance;
  onSaved: (now: OwnAppearance) => void;
}

function Form({ saved, onSaved }: FormProps) {
  const may = isAdmin(useDesk().me);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Problems>({});
  const changed = changes(saved, unsaved.value);
  const look: Look = { ...saved, ...changed };
  const wrong = { ...refused, ...problems(look) };
  const dirty = Object.keys(changed).length > 0;
  useUnsavedWarning(dirty);

  const change: Change = (next) => {
    setRefused({});
    unsaved.value = { ...changed, ...next };
  };
  const discard = (): void => {
    setRefused({});
    unsaved.value = {};
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      onSaved(await saveAppearance(changed));
      unsaved.value = {};
      done("Saved. Visitors see it within a minute.");
    } catch (error) {
      if (error instanceof Refusal && error.field) setRefused({ [error.field]: error.message });
      else problem(words(error));
    }
    setBusy(false);
  };

  const actions = dirty && (
    <span class="flex">
      <Unsaved busy={busy || Object.keys(wrong).length > 0} discard={discard} />
    </span>
  );
  const part = { look, wrong, change };
  return (
    <>
      <form class="scroll lform" onSubmit={save} noValidate>
        <div class="sbody">
          <Head title="Launcher" about="What visitors see before they write." actions={actions} />
          {!may && <p class="notice info">Only admins and owners can save changes here.</p>}
          <Words {...part} />
          <Place {...part} />
        </div>
      </form>
      <Preview look={previewed(saved, changed)} />
    </>
  );
}
