/** A small field to search a list by. */

import { useEffect, useState } from "preact/hooks";
import { Icon } from "./Icon";

interface Props {
  label: string;
  placeholder?: string;
  class?: string;
  text: string;
  onText: (text: string) => void;
}

export function SearchField({ label, placeholder = "Search", class: more = "grow", text, onText }: Props) {
  return (
    <div class={`field sm ${more}`} role="search">
      <Icon name="search" size={16} />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        maxLength={255}
        autocomplete="off"
        spellcheck={false}
        value={text}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      {text && (
        <button type="button" class="btn ghost sm icon clear" aria-label="Clear the search" onClick={() => onText("")}>
          <Icon name="x" size={14} />
        </button>
      )}
    </div>
  );
}

interface PlaceProps {
  label: string;
  q: string; // what the address says
  pause: number; // until the hand rests
  onSearch: (q: string) => void;
}

/** The same where the address keeps what is sought. */
export function PlaceSearch({ label, q, pause, onSearch }: PlaceProps) {
  const [text, setText] = useState(q);
  useEffect(() => setText(q), [q]);
  useEffect(() => {
    if (text === q) return;
    const clock = setTimeout(() => onSearch(text), pause);
    return () => clearTimeout(clock);
  }, [text]);
  return <SearchField label={label} text={text} onText={setText} />;
}
