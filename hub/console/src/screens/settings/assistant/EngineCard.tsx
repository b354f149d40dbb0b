/** What writes the answers: the hub itself, or a model that the operator has set up. */

import { useState } from "preact/hooks";
import { type Assistant, type Check, checkModel, type EngineName, MODEL_SETTINGS, took } from "../../../assistant";
import { words } from "../../../http";
import { moveAlong } from "../../../kit/Choice";
import { Code, CopyButton } from "../../../kit/Code";
import { Icon } from "../../../kit/Icon";
import type { IconName } from "../../../kit/icons";
import { Status } from "../../../kit/Status";
import type { Part } from "./KillSwitch";

interface Choice {
  name: EngineName;
  title: string;
  about: string;
  icon: IconName;
}

const ENGINES: readonly Choice[] = [
  { name: "built-in", title: "Built-in", about: "Search and rules. No key, no cost, nothing leaves your server.", icon: "book" },
  { name: "model", title: "A model", about: "Free wording in any language. Falls back to Built-in.", icon: "spark" },
];

const IN_USE = { word: "In use", tone: "positive", glyph: "check" } as const;

export function EngineCard({ saved, may, keep }: Part) {
  const [looking, setLooking] = useState<EngineName>(saved.engine);
  const { configured, installed } = saved.model;
  const ready = configured && installed;
  const pick = (name: EngineName): void => {
    setLooking(name);
    const usable = name === "built-in" || ready;
    if (may && usable && name !== saved.engine) void keep({ engine: name }, `${name === "model" ? "The model" : "Built-in"} answers from now on.`);
  };
  return (
    <section class="card sc" aria-label="Engine">
      <div class="ch">
        <div class="grow">
          <h3>Engine</h3>
          <p>What writes the answers. Facts come from your data either way.</p>
        </div>
      </div>
      <div class="g2 engs" role="radiogroup" aria-label="Engine" onKeyDown={moveAlong}>
        {ENGINES.map(({ name, title, about, icon }) => (
          <button
            key={name}
            type="button"
            class="addb eng"
            role="radio"
            aria-checked={looking === name}
            tabIndex={looking === name ? 0 : -1}
            onClick={() => pick(name)}
          >
            <span class="glyphc">
              <Icon name={icon} />
            </span>
            <span class="grow">
              <span class="flex between eng-h">
                <b>{title}</b>
                {saved.engine === name && <Status look={IN_USE} />}
              </span>
              <span class="muted">{about}</span>
            </span>
          </button>
        ))}
      </div>
      {looking === "model" && (ready ? <Model model={saved.model} may={may} /> : <SetUp model={saved.model} />)}
    </section>
  );
}

function Model({ model, may }: { model: Assistant["model"]; may: boolean }) {
  const [told, setTold] = useState<Check | { problem: string } | "testing" | null>(null);
  const test = async (): Promise<void> => {
    setTold("testing");
    setTold(await checkModel().catch((error) => ({ problem: words(error) })));
  };
  return (
    <div class="model">
      <dl class="facts grow">
        <div>
          <dt>Model</dt>
          <dd class="mono">{model.name}</dd>
        </div>
        <div>
          <dt>Answered by</dt>
          <dd class="mono">{model.host || "the provider’s own address"}</dd>
        </div>
        <div>
          <dt>Set up in</dt>
          <dd>the server’s settings</dd>
        </div>
      </dl>
      {may && (
        <button type="button" class="btn" disabled={told === "testing"} onClick={test}>
          {told === "testing" ? <span class="spin" /> : <Icon name="play" size={16} />}
          Test
        </button>
      )}
      <div class="told-m" role="status">
        {told && told !== "testing" && <Verdict told={told} />}
      </div>
    </div>
  );
}

function Verdict({ told }: { told: Check | { problem: string } }) {
  const ok = "ok" in told && told.ok;
  const text = "problem" in told ? told.problem : told.ok ? `${told.detail} It took ${took(told.ms)}.` : told.detail;
  return (
    <p class={ok ? "verdict ok" : "verdict bad"}>
      <Icon name={ok ? "check" : "alert"} size={16} />
      <span>{text}</span>
    </p>
  );
}

function SetUp({ model }: { model: Assistant["model"] }) {
  return (
    <div class="setup">
      {model.configured ? (
        <p>
          <b>{model.name} is set up, but cannot run yet.</b>
        </p>
      ) : (
        <>
          <div class="flex between snip">
            <p class="grow">
              <b>No model is set up.</b>{" "}
              <span class="muted">Whoever runs this server sets these three and restarts it. Any OpenAI-compatible address works.</span>
            </p>
            <CopyButton text={MODEL_SETTINGS} />
          </div>
          <Code text={MODEL_SETTINGS} label="Settings of the server" />
          <p class="hint">
            For a provider leave the address out and name both: <code class="mono">AI_MODEL=openai:gpt-5-mini</code>
          </p>
        </>
      )}
      {!model.installed && (
        <p class="hint">
          The part for models is not installed yet. ./run installs it once they are set; elsewhere: <code class="mono">pip install 'parley[ai]'</code>
        </p>
      )}
      <p class="hint">The key stays on the server: it is never shown here, logged or sent to a browser. Until then Built-in answers.</p>
    </div>
  );
}
