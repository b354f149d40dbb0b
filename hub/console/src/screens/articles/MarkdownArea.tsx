/** The text of an article in Markdown, with buttons and keys for those who do not write it by hand. */

import { useLayoutEffect, useRef } from "preact/hooks";
import type { ProductCard } from "../../../../../chat/protocol";
import type { Locale } from "../../articles";
import { Icon } from "../../kit/Icon";
import type { IconName } from "../../kit/icons";
import { bold, type Command, difference, type Edit, enter, heading, italic, link, list, numbers, product, quote } from "../../markdown";
import { ProductPicker } from "../ProductPicker";

interface Props {
  body: string;
  locale: Locale;
  write: (body: string) => void;
}

interface Tool {
  name: string;
  command: Command;
  key?: string; // with Ctrl or Cmd
  shift?: boolean;
  look: IconName | preact.JSX.Element;
}

const TEXT: readonly Tool[] = [
  { name: "Bold", command: bold, key: "b", look: <b>B</b> },
  { name: "Italic", command: italic, key: "i", look: <i class="ital">I</i> },
  { name: "Heading", command: heading, key: "h", shift: true, look: <b>H</b> },
];

const BLOCKS: readonly Tool[] = [
  { name: "List", command: list, key: "8", shift: true, look: "list" },
  { name: "Numbered list", command: numbers, key: "7", shift: true, look: "numbers" },
  { name: "Callout", command: quote, key: "9", shift: true, look: "quote" },
  { name: "Link", command: link, key: "k", look: "link" },
];

const ALL = [...TEXT, ...BLOCKS];
const MAC = /Mac|iPhone|iPad/.test(navigator.platform);
const MOST = 100_000; // characters, as the hub has it

export function MarkdownArea({ body, locale, write }: Props) {
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const field = area.current!;
    if (field.value !== body) field.value = body; // not while one types: the caret would jump
  }, [body]);

  const now = (): Edit => {
    const { value, selectionStart, selectionEnd } = area.current!;
    return { text: value, start: selectionStart, end: selectionEnd };
  };
  const apply = (after: Edit): void => {
    const field = area.current!;
    const { from, to, by } = difference(field.value, after.text);
    field.focus();
    field.setSelectionRange(from, to);
    if (from !== to || by) insert(field, by);
    field.setSelectionRange(after.start, after.end);
    write(field.value);
  };
  const run = (command: Command): void => apply(command(now()));
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
      const next = enter(now());
      if (!next) return;
      event.preventDefault();
      return apply(next);
    }
    if (event.altKey || !(MAC ? event.metaKey : event.ctrlKey)) return;
    const tool = ALL.find(({ key, shift }) => event.shiftKey === (shift ?? false) && isKey(event, key));
    if (!tool) return;
    event.preventDefault();
    run(tool.command);
  };
  return (
    <div class="comp ed-b">
      <div class="cbar ed-bar" role="toolbar" aria-label="Format" onKeyDown={alongBar}>
        {TEXT.map((tool, at) => (
          <ToolButton key={tool.name} tool={tool} run={run} first={at === 0} />
        ))}
        <span class="vr" />
        {BLOCKS.map((tool) => (
          <ToolButton key={tool.name} tool={tool} run={run} />
        ))}
        <ProductPicker onPick={(card: ProductCard) => run(product(card.id))} />
        <span class="end quiet-t md">Markdown</span>
      </div>
      <textarea
        ref={area}
        class="mono"
        lang={locale}
        dir="auto"
        aria-label="Text in Markdown"
        spellcheck
        maxLength={MOST}
        defaultValue={body}
        placeholder={"Say the answer in the first sentence.\n\n## Then the steps\n\n1. One\n2. Two"}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
    </div>
  );
}

function ToolButton({ tool, run, first }: { tool: Tool; run: (command: Command) => void; first?: boolean }) {
  const hint = `${tool.name} (${MAC ? "⌘" : "Ctrl "}${tool.shift ? (MAC ? "⇧" : "Shift ") : ""}${tool.key?.toUpperCase()})`;
  return (
    <button type="button" class="btn ghost sm icon" aria-label={tool.name} title={hint} tabIndex={first ? 0 : -1} onClick={() => run(tool.command)}>
      {typeof tool.look === "string" ? <Icon name={tool.look} /> : tool.look}
    </button>
  );
}

/** By what the key writes or, for digits with Shift, by its place on the keyboard. */
const isKey = (event: KeyboardEvent, key: string | undefined): boolean =>
  key !== undefined && (event.key.toLowerCase() === key || event.code === `Digit${key}`);

/** Typed by the browser itself, so that its own undo takes it back. */
function insert(field: HTMLTextAreaElement, text: string): void {
  const typed = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!typed) field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
}

/** One stop for Tab, arrows between the buttons. */
function alongBar(event: preact.TargetedKeyboardEvent<HTMLDivElement>): void {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by || (event.target as Element).closest("[popover]")) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(":scope > button")];
  const along = getComputedStyle(event.currentTarget).direction === "rtl" ? -by : by;
  const next = all[(all.indexOf(document.activeElement as HTMLElement) + along + all.length) % all.length];
  event.preventDefault();
  next?.focus();
}
