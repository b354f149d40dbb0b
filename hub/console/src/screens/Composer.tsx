/** Where an agent writes: a reply to the customer, or a note for the team. */

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { TEXT_LIMIT } from "../../../../chat/protocol";
import { EMPTY } from "../drafts";
import { Icon } from "../kit/Icon";
import { moveAlong } from "../kit/Choice";
import { firstName } from "../person";
import { composing, sending } from "../shortcuts";
import { useDesk } from "../work";
import { ArticlePicker, type Found } from "./ArticlePicker";
import { DiscountButton } from "./DiscountPopover";
import { ProductPicker } from "./ProductPicker";
import { ProductFacts, ProductPicture } from "./ProductCards";
import { SummaryButton } from "./Summary";

interface Props {
  conversation: string;
  name: string; // empty until it is known
}

const TALLEST = 200;

export function Composer({ conversation, name }: Props) {
  const desk = useDesk();
  const { drafts } = desk;
  const draft = drafts.of(conversation).value;
  const area = useRef<HTMLTextAreaElement>(null);
  const go = useRef<HTMLButtonElement>(null);
  const note = draft.mode === "note";
  const text = draft[draft.mode];
  const ready = text.trim() !== "" || (!note && draft.products.length > 0);

  useLayoutEffect(() => grow(area.current), [text]);
  useEffect(
    () =>
      composing.subscribe((asked) => {
        if (!asked) return;
        composing.value = null;
        drafts.change(conversation, { mode: asked.mode });
        toEnd(area.current);
      }),
    [conversation],
  );
  useEffect(
    () =>
      sending.subscribe((asked) => {
        if (!asked) return;
        sending.value = false;
        requestAnimationFrame(() => go.current?.focus()); // once there is something to send, it can be pressed
      }),
    [conversation],
  );
  useEffect(() => () => desk.typing(conversation, false), [conversation]);

  const write = (written: string): void => {
    const { mode } = drafts.of(conversation).value; // a key may come before the screen has caught up
    drafts.change(conversation, { [mode]: written });
    if (mode === "reply") desk.typing(conversation, written.trim() !== "");
  };
  const send = (): void => {
    if (!ready) return;
    desk.outbox.send({ conversation, kind: note ? "note" : "text", text: text.trim(), cards: note ? [] : draft.products });
    drafts.change(conversation, note ? { note: "" } : { ...EMPTY, note: draft.note });
    desk.typing(conversation, false);
    if (desk.overtaken.value?.conversation === conversation) desk.overtaken.value = null;
    area.current?.focus();
  };
  const cite = ({ title, url }: Found): void => {
    const { reply } = drafts.of(conversation).value;
    const gap = reply && !/\s$/.test(reply) ? "\n" : "";
    drafts.change(conversation, { reply: `${reply}${gap}${title}: ${new URL(url, location.href)}` });
    requestAnimationFrame(() => toEnd(area.current));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.altKey || event.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <div class={note ? "comp note" : "comp"}>
      <div class="ct">
        <div class="modes" role="tablist" aria-label="What to write" onKeyDown={moveAlong}>
          {(["reply", "note"] as const).map((mode) => (
            <button
              key={mode}
              type="button"
              role="tab"
              aria-selected={draft.mode === mode}
              tabIndex={draft.mode === mode ? 0 : -1}
              title={mode === "note" ? "Alt P" : "Alt L"}
              onClick={() => drafts.change(conversation, { mode })}
            >
              {mode === "note" && <Icon name="lock" size={14} />}
              {mode === "note" ? "Note" : "Reply"}
            </button>
          ))}
        </div>
        <span class="end muted not-phone">{note ? "only your team sees this" : name && `to ${firstName(name)} in chat`}</span>
      </div>
      <textarea
        ref={area}
        class="ctext"
        rows={1}
        dir="auto"
        maxLength={TEXT_LIMIT}
        value={text}
        placeholder={note ? "Write a note for your team" : "Write a reply"}
        aria-label={note ? "Private note" : `Reply to ${name || "the visitor"}`}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {!note && draft.products.length > 0 && <Attached conversation={conversation} />}
      <div class="cbar">
        {!note && (
          <ProductPicker
            onPick={(card) => {
              const others = draft.products.filter((one) => one.id !== card.id);
              drafts.change(conversation, { products: [...others, card].slice(-10) });
              area.current?.focus();
            }}
          />
        )}
        {!note && <DiscountButton conversation={conversation} name={name} />}
        {!note && <ArticlePicker conversation={conversation} onPick={cite} />}
        <Help conversation={conversation} note={note} />
        <span class="end" />
        <button ref={go} type="button" class={note ? "btn addnote" : "btn primary"} disabled={!ready} onClick={send}>
          {note ? "Add note" : "Send"}
        </button>
      </div>
    </div>
  );
}

/** What the assistant can do for an agent, where the hub has one. */
function Help({ conversation, note }: { conversation: string; note: boolean }) {
  const { answers, aid } = useDesk();
  useEffect(() => answers.want(), [answers]);
  if (!answers.settings.value) return null;
  return (
    <>
      <span class="vr" />
      <SummaryButton conversation={conversation} />
      {!note && (
        <button
          type="button"
          class="btn ghost"
          aria-label="Draft a reply"
          title="Draft a reply"
          disabled={aid.of(conversation).value?.state === "working"}
          onClick={() => aid.ask(conversation)}
        >
          <Icon name="spark" size={16} />
          <span class="not-phone">Draft</span>
        </button>
      )}
    </>
  );
}

function Attached({ conversation }: { conversation: string }) {
  const { drafts } = useDesk();
  const { products } = drafts.of(conversation).value;
  const drop = (id: string): void =>
    drafts.change(conversation, { products: products.filter((card) => card.id !== id) });
  return (
    <ul class="attached" aria-label="Products to send">
      {products.map((card) => (
        <li class="pcard" key={card.id}>
          <ProductPicture card={card} />
          <span class="grow">
            <span class="clip">{card.title}</span>
            <ProductFacts card={card} />
          </span>
          <button type="button" class="btn ghost sm icon" aria-label={`Remove ${card.title}`} onClick={() => drop(card.id)}>
            <Icon name="x" size={14} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function toEnd(area: HTMLTextAreaElement | null): void {
  area?.focus();
  area?.setSelectionRange(area.value.length, area.value.length);
}

/** As tall as what is written, up to a point; then it scrolls. */
function grow(area: HTMLTextAreaElement | null): void {
  if (!area) return;
  area.style.blockSize = "auto";
  area.style.blockSize = `${Math.min(area.scrollHeight, TALLEST)}px`;
}
