/** What the assistant looked up for one answer, closed until somebody asks. */

import type { ToolStep, Transcript } from "../../../../chat/protocol";
import { took } from "../assistant";
import { Icon } from "../kit/Icon";
import { argumentsText, headline, outcome, stepText, worthShowing } from "../transcripts";

interface Props {
  transcript: Pick<Transcript, "steps" | "ms"> & { withheld?: string; engine?: string | undefined };
  open?: boolean;
}

export function ToolTranscript({ transcript, open }: Props) {
  const { steps, ms, withheld = "", engine } = transcript;
  if (!worthShowing({ steps, withheld })) return null;
  return (
    <details class="tools" open={open}>
      <summary>
        <span class="fold-i">
          <Icon name="right" size={14} flip />
        </span>
        <Icon name="spark" size={14} />
        {headline(steps)}
        <span class="quiet-t num">in {took(ms)}</span>
        {withheld && <span class="pill warning noicon">Withheld</span>}
      </summary>
      <ol>
        {steps.map((step, at) => (
          <Step key={at} step={step} />
        ))}
      </ol>
      {withheld && (
        <div class="held">
          <b>Not sent, because a fact in it was in no result:</b>
          <p dir="auto">{withheld}</p>
        </div>
      )}
      {engine && <p class="by quiet-t">Written by {engine === "built-in" ? "the built-in engine" : engine}</p>}
    </details>
  );
}

function Step({ step }: { step: ToolStep }) {
  const look = outcome(step.outcome);
  const given = argumentsText(step.arguments);
  return (
    <li class={look.tone} title={given ? `${step.tool}(${given})` : step.tool}>
      <span class="step-i" role="img" aria-label={look.word}>
        <Icon name={look.glyph} size={14} />
      </span>
      <span class="mono">{step.tool}</span>
      <span class="grow muted clip">
        <bdi>{stepText(step)}</bdi>
      </span>
      <span class="quiet-t num">{step.ms} ms</span>
    </li>
  );
}
