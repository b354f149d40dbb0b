/** Addresses from elsewhere: only http and https ever reach an attribute. */

export function safeUrl(text: string | null | undefined): string | null {
  try {
    const url = new URL(text ?? "");
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export type Piece = string | { href: string; text: string };

/** Text in pieces, with the addresses in it apart; it stays text, and is never read as markup. */
export function linked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = 0;
  for (const { 0: found, index } of text.matchAll(/\bhttps?:\/\/[^\s<>"]+/gi)) {
    const address = trimmed(found);
    const href = safeUrl(address);
    if (!href) continue;
    if (index > rest) pieces.push(text.slice(rest, index));
    pieces.push({ href, text: address });
    rest = index + address.length;
  }
  if (rest < text.length) pieces.push(text.slice(rest));
  return pieces;
}

/** The sentence's own full stop or bracket is not part of the address: "(see https://a.example/b_(c))." */
function trimmed(address: string): string {
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1]!;
    const isStray = last === ")" && count(address, ")", end) > count(address, "(", end);
    if (!/[.,;:!?'"\]}]/.test(last) && !isStray) break;
  }
  return address.slice(0, end);
}

function count(text: string, letter: string, end: number): number {
  return text.slice(0, end).split(letter).length - 1;
}
