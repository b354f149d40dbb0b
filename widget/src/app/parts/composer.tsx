/** Where the visitor writes: Enter sends, Shift+Enter breaks the line, a draft is never lost. */

import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { TEXT_LIMIT } from "../../../../chat/protocol";
import { about, conversations, language, open, words } from "../state";
import { useChat } from "../use";
import { fill } from "../words";
import { Icon } from "./icon";

const IDLE = 5000; // without a key, nobody is typing any more

export function Composer({ id }: { id: string }): JSX.Element {
  const { chat } = useChat();
  const said = words();
  // The draft of a conversation that does not exist yet has no id to be kept under that a reload would find.
  const isNew = !conversations.value.items.some((one) => one.id === id);
  const slot = isNew ? "new" : id;
  const [text, setText] = useState(() => chat.draft(slot));
  const box = useRef<HTMLTextAreaElement>(null);
  const idle = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => setText(chat.draft(slot)), [id]);
  useEffect(() => {
    if (open.value) box.current?.focus();
  }, [id, open.value]);
  useLayoutEffect(() => {
    const area = box.current!;
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight}px`;
  }, [text]);
  useEffect(() => () => stop(), [id]);

  const stop = (): void => {
    clearTimeout(idle.current);
    chat.typing(id, false);
  };
  const write = (text: string): void => {
    setText(text);
    chat.draft(slot, text);
    clearTimeout(idle.current);
    if (!text.trim()) return stop();
    chat.typing(id, true);
    idle.current = setTimeout(stop, IDLE);
  };
  const send = (): void => {
    const words = text.trim();
    if (!words) return;
    stop();
    chat.send(id, subject ? `${fill(said.about, { title: subject.title })}\n${words}` : words);
    about.value = null;
    setText("");
    chat.draft(slot, "");
    box.current?.focus();
  };
  const key = (event: KeyboardEvent): void => {
    // Enter also chooses a word while a Chinese, Japanese or Korean sentence is being put together.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    send();
  };

  const subject = isNew ? about.value : null; // an article goes ahead of the first message about it
  const ready = text.trim() !== "";
  return (
    <div class="composer">
      <div class="box">
        {subject && (
          <div class="attached">
            <span class="glyph accent">
              <Icon name="book" size={18} />
            </span>
            <span class="main">
              <b dir="auto">{subject.title}</b>
              <span>{said.article}</span>
            </span>
            <button class="x" type="button" aria-label={said.remove} onClick={() => (about.value = null)}>
              <Icon name="x" size={16} />
            </button>
          </div>
        )}
        <div class="in">
          <textarea
            class="text typed"
            ref={box}
            rows={1}
            dir={text ? "auto" : language.value.direction}
            maxLength={TEXT_LIMIT}
            enterkeyhint="send"
            aria-label={said.write}
            placeholder={said.write}
            value={text}
            onInput={(event) => write(event.currentTarget.value)}
            onKeyDown={key}
            onBlur={stop}
          />
          <button class={ready ? "go on" : "go"} type="button" aria-label={said.send} disabled={!ready} onClick={send}>
            <Icon name="send" />
          </button>
        </div>
      </div>
    </div>
  );
}
