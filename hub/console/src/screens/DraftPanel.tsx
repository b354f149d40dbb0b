/** Above the composer: a reply the assistant has drafted, with where its facts come from. */

import { joined, products } from "../aid";
import type { Source, Trial } from "../assistant";
import { webAddress } from "../address";
import { Icon } from "../kit/Icon";
import type { IconName } from "../kit/icons";
import { composing, sending } from "../shortcuts";
import { useDesk } from "../work";
import { FactCard } from "./FactCards";
import { ProductCards } from "./ProductCards";
import { ToolTranscript } from "./ToolTranscript";

export function DraftPanel({ conversation }: { conversation: string }) {
  const { aid } = useDesk();
  const drafted = aid.of(conversation).value;
  if (!drafted) return null;
  const dismiss = (): void => aid.dismiss(conversation);
  return (
    <section class="draft" aria-label="Suggested reply" aria-busy={drafted.state === "working"}>
      <div class="flex">
        <span class="pill accent">
          <Icon name="spark" size={12} />
          Draft
        </span>
        <span class="muted grow clip" role="status">
          {drafted.state === "working" && "Looking things up…"}
          {drafted.state === "ready" && drafted.draft.text.trim() && from(drafted.draft.sources)}
        </span>
        {drafted.state !== "working" && (
          <button type="button" class="btn ghost sm icon" aria-label="Write another" title="Write another" onClick={() => aid.ask(conversation)}>
            <Icon name="sync" size={14} />
          </button>
        )}
        <button type="button" class="btn ghost sm icon" aria-label="Dismiss the draft" title="Dismiss" onClick={dismiss}>
          <Icon name="x" size={14} />
        </button>
      </div>
      {drafted.state === "working" && (
        <div class="late drafting-sk" aria-hidden="true">
          <span class="sk" />
          <span class="sk short" />
        </div>
      )}
      {drafted.state === "failed" && (
        <p class="hint bad" role="alert">
          <Icon name="alert" size={14} />
          {drafted.problem}
        </p>
      )}
      {drafted.state === "ready" && <Draft conversation={conversation} draft={drafted.draft} />}
    </section>
  );
}

const from = (sources: readonly Source[]): string =>
  sources.length === 0 ? "without a source: read it twice" : sources.length === 1 ? "from 1 source" : `from ${sources.length} sources`;

function Draft({ conversation, draft }: { conversation: string; draft: Trial }) {
  const desk = useDesk();
  const shown = products(draft.cards);
  const written = draft.text.trim() !== "";
  const use = (then: () => void): void => {
    const before = desk.drafts.of(conversation).value;
    const kept = before.products.filter((one) => shown.every((card) => card.id !== one.id));
    desk.drafts.change(conversation, {
      mode: "reply",
      reply: joined(before.reply, draft.text),
      products: [...kept, ...shown].slice(-10),
    });
    desk.aid.dismiss(conversation);
    then();
  };
  return (
    <>
      <div class="draft-t2 scroll" tabIndex={0} role="region" aria-label="The draft">
        {written ? <p dir="auto">{draft.text}</p> : <p class="muted">There is nothing to draft from: this one is yours to write.</p>}
        {draft.passing && <p class="hint">The assistant would hand over here: {draft.passing.reason}</p>}
        <ProductCards cards={shown} />
        {draft.cards.map((card, at) => card.type !== "article" && <FactCard key={at} card={card} />)}
      </div>
      <ToolTranscript transcript={draft} />
      <div class="flex wrap draft-f">
        {draft.sources.slice(0, 4).map((source) => (
          <SourceChip key={`${source.kind} ${source.id}`} source={source} />
        ))}
        {written && (
          <span class="end flex">
            <button type="button" class="btn sm" onClick={() => use(() => (composing.value = { mode: "reply" }))}>
              Use and edit
            </button>
            <button type="button" class="btn sm soft" onClick={() => use(() => (sending.value = true))}>
              Use draft
            </button>
          </span>
        )}
      </div>
    </>
  );
}

const GLYPHS: { readonly [kind in Source["kind"]]: IconName } = {
  article: "doc",
  product: "bag",
  record: "box",
  profile: "person",
  discount: "tag",
};

export function SourceChip({ source }: { source: Source }) {
  const url = webAddress(source.url);
  const inside = (
    <>
      <Icon name={GLYPHS[source.kind] ?? "doc"} size={14} />
      <bdi class="clip">{source.title || source.id}</bdi>
    </>
  );
  return url ? (
    <a class="srcchip" href={url} target="_blank" rel="noopener noreferrer" title={source.title}>
      {inside}
    </a>
  ) : (
    <span class="srcchip" title={source.title}>
      {inside}
    </span>
  );
}
