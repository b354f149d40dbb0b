/** The addresses in what people write: found, so that they can be opened; everything else stays text. */

import { webAddress } from "./address";

export interface Part {
  text: string;
  url: string | null;
}

const ADDRESS = /https?:\/\/[^\s<>"']+/gi;
const TRAILING = /[.,;:!?)\]}]+$/; // ends the sentence, not the address

export function parts(text: string): Part[] {
  const found: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = match[0].replace(TRAILING, "");
    const url = webAddress(address);
    if (!url) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index), url: null });
    found.push({ text: address, url });
    end = match.index + address.length;
  }
  if (end < text.length) found.push({ text: text.slice(end), url: null });
  return found;
}
