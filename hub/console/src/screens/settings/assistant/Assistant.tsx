/** Settings → Assistant: whether it answers, with what, what it may do, and what it may cost. */

import { useState } from "preact/hooks";
import type { HubEvent } from "../../../../../../chat/protocol";
import { type Assistant as Saved, assistant, saveAssistant, type Settings } from "../../../assistant";
import { changes, type Form, problems, toForm, type Wrong } from "../../../assistant-form";
import { Refusal, words } from "../../../http";
import { Icon } from "../../../kit/Icon";
import { Failed, Skeleton } from "../../../kit/States";
import { Unsaved } from "../../../kit/Unsaved";
import { useLoaded } from "../../../loaded";
import type { SettingsPlace } from "../../../router";
import { isAdmin } from "../../../session";
import { done, problem } from "../../../toast";
import { useDesk, useNews } from "../../../work";
import { Head } from "../Head";
import { Budgets } from "./Budgets";
import { EngineCard } from "./EngineCard";
import { HandOver } from "./HandOver";
import { KillSwitch } from "./KillSwitch";
import { TestChat } from "./TestChat";
import { ToolTable } from "./ToolTable";
import "../integrations.css";
import "../discounts.css";
import "../../answers.css";
import "../../thread.css";
import "./assistant.css";

const ABOUT = "Answers from your articles, products and the customer’s own records.";
const FORM = "assistant-limits";
const GONE = "Not found."; // the hub has no such address
const RUNS_WITHOUT = "This hub runs without the assistant. Whoever runs the server can turn its plugin on in plugins.toml.";

export function Assistant(_: { at: SettingsPlace }) {
  const loading = useLoaded(assistant);
  const at = loading.at.value;
  if (at.state === "ready") {
    return <Page saved={at.value} onSaved={(now) => loading.change(() => now)} reload={() => loading.load()} />;
  }
  return (
    <div class="scroll">
      <div class="sbody">
        <Head title="Assistant" about={ABOUT} />
        {at.state === "loading" ? (
          <Skeleton rows={7} />
        ) : (
          <Failed title="The assistant did not load" problem={at.problem === GONE ? RUNS_WITHOUT : at.problem} onRetry={() => loading.load()} />
        )}
      </div>
    </div>
  );
}

interface PageProps {
  saved: Saved;
  onSaved: (saved: Saved) => void;
  reload: () => void;
}

/** Choices act at once; what is typed waits for Save. */
function Page({ saved, onSaved, reload }: PageProps) {
  const desk = useDesk();
  const may = isAdmin(desk.me);
  const before = toForm(saved);
  const [form, setForm] = useState<Form>(before);
  const [refused, setRefused] = useState<Wrong>({});
  const [busy, setBusy] = useState(false);
  const changed = changes(before, form);
  const dirty = Object.keys(changed).length > 0;
  const wrong = { ...refused, ...problems(form) };
  useNews(moved, reload, 600);

  const keep = async (change: Partial<Settings>, said: string): Promise<void> => {
    try {
      onSaved(await saveAssistant(change));
      done(said);
    } catch (error) {
      if (error instanceof Refusal && error.field && error.field in form) setRefused({ [error.field]: error.message });
      else problem(words(error));
    }
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!dirty || Object.keys(problems(form)).length) return;
    setBusy(true);
    await keep(changed, "Saved. It holds from the next answer on.");
    setBusy(false);
  };
  const change = (next: Partial<Form>): void => {
    setRefused({});
    setForm({ ...form, ...next });
  };
  const actions = (
    <span class="flex">
      {!dirty && (
        <button type="button" class="btn to-test" onClick={() => setTrying(true)}>
          <Icon name="chat" size={16} />
          Test chat
        </button>
      )}
      {may && dirty && <Unsaved form={FORM} busy={busy || Object.keys(wrong).length > 0} discard={() => change(before)} />}
    </span>
  );
  const part = { saved, may, keep };
  const [trying, setTrying] = useState(false); // where there is no room beside
  return (
    <>
      <div class="scroll grow">
        <div class="sbody">
          <Head title="Assistant" about={ABOUT} actions={actions} />
          {!may && <p class="notice info">You can see and try everything here. Only admins and owners can change it.</p>}
          <KillSwitch {...part} />
          <EngineCard {...part} />
          <ToolTable {...part} />
          <form id={FORM} class="two as-two" onSubmit={save} noValidate>
            <Budgets saved={saved} form={form} wrong={wrong} may={may} change={change} />
            <HandOver {...part} form={form} wrong={wrong} change={change} />
          </form>
        </div>
      </div>
      <TestChat shown={trying} close={() => setTrying(false)} />
    </>
  );
}

/** Others change it, too, and the numbers move. */
function moved(event: HubEvent): boolean {
  if (event.type === "MessageAdded") return event.message.author.kind === "assistant";
  return event.type === "AssistantChanged" || event.type === "HandedOver";
}
