/** Finds a product of the shop and puts it into the answer. */

import { useEffect, useState } from "preact/hooks";
import type { ProductCard } from "../../../../chat/protocol";
import { get, words } from "../http";
import { Picker, PickerField, useOptions } from "../kit/Picker";
import { ProductFacts, ProductPicture } from "./ProductCards";

interface Props {
  onPick: (card: ProductCard) => void;
}

const PAUSE = 150;

export function ProductPicker({ onPick }: Props) {
  return (
    <Picker icon="bag" label="Insert product" onPick={onPick}>
      {(pick) => <Finder onPick={pick} />}
    </Picker>
  );
}

type Found = { items: readonly ProductCard[] } | { problem: string } | null;

function Finder({ onPick }: Props) {
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found>(null);
  const items = found && "items" in found ? found.items : [];
  const { list, field, option, restart } = useOptions(items, onPick);

  useEffect(() => {
    const abort = new AbortController();
    const search = (): void => {
      get<{ items: ProductCard[] }>(`/console/api/products?q=${encodeURIComponent(text)}`, abort.signal).then(
        (answer) => {
          setFound(answer);
          restart();
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

  return (
    <>
      <PickerField label="Search products" text={text} onText={setText} field={field} />
      <ul id={list} role="listbox" aria-label="Products">
        {items.map((card, index) => (
          <li key={card.id} {...option(card, index)}>
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
