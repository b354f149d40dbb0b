/** Finds a product of the shop and puts it into the answer. */

import { useEffect, useId, useState } from "preact/hooks";
import type { ProductCard } from "../../../../chat/protocol";
import { get, words } from "../http";
import { Icon } from "../kit/Icon";
import { Popover } from "../kit/Popover";
import { ProductFacts, ProductPicture } from "./ProductCards";

interface Props {
  onPick: (card: ProductCard) => void;
}

const PAUSE = 150;
const COMBOBOX: object = { role: "combobox" }; // Preact's types know it only for inputs with a datalist

export function ProductPicker({ onPick }: Props) {
  return (
    <Popover
      button={<Icon name="bag" />}
      label="Insert product"
      title="Insert product"
      class="btn ghost icon"
      panel="ins"
      role="dialog"
    >
      {(close) => (
        <Finder
          onPick={(card) => {
            close();
            onPick(card);
          }}
        />
      )}
    </Popover>
  );
}

type Found = { items: readonly ProductCard[] } | { problem: string } | null;

function Finder({ onPick }: Props) {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found>(null);
  const [at, setAt] = useState(0);
  const id = useId();
  const items = found && "items" in found ? found.items : [];

  useEffect(() => {
    const abort = new AbortController();
    const search = (): void => {
      get<{ items: ProductCard[] }>(`/console/api/products?q=${encodeURIComponent(text)}`, abort.signal).then(
        (answer) => {
          setFound(answer);
          setAt(0);
        },
        (error) => abort.signal.aborted || setFound({ problem: words(error) }),
      );
    };
    const clock = setTimeout(search, text ? PAUSE : 0);
    return () => {
      clearTimeout(clock);
      abort.abort();
    };
  }, [text]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: { [key: string]: number } = { ArrowDown: at + 1, ArrowUp: at - 1 };
    const to = moves[event.key];
    if (to !== undefined && items.length) {
      event.preventDefault();
      setAt((to + items.length) % items.length);
    }
    const picked = items[at];
    if (event.key === "Enter" && picked) {
      event.preventDefault();
      onPick(picked);
    }
  };

  return (
    <>
      <div class="find">
        <div class="field">
          <Icon name="search" size={16} />
          <input
            type="search"
            {...COMBOBOX}
            aria-label="Search products"
            aria-expanded={items.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={items[at] ? `${id}-${at}` : undefined}
            placeholder="Search products"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
        </div>
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label="Products">
        {items.map((card, index) => (
          <li
            key={card.id}
            id={`${id}-${index}`}
            role="option"
            class="cm"
            aria-selected={index === at}
            onClick={() => onPick(card)}
            onMouseMove={() => setAt(index)}
          >
            <ProductPicture card={card} />
            <span class="grow">
              <span class="clip strong">{card.title}</span>
              <ProductFacts card={card} />
            </span>
          </li>
        ))}
      </ul>
      {found && "items" in found && items.length === 0 && (
        <p class="find-none muted">
          {text ? `No product matches “${text}”.` : "The catalog is empty. Connect a shop, or push products by the API."}
        </p>
      )}
      {found && "problem" in found && (
        <p class="find-none hint bad" role="alert">
          {found.problem}
        </p>
      )}
    </>
  );
}
