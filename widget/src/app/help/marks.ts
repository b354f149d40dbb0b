/** A text in pieces, with the words that were searched for apart: capitals and accents make no difference. */

export interface Piece {
  text: string;
  hit: boolean;
}

export function marked(text: string, words: string): Piece[] {
  const wanted = [...new Set(folded(words).join("").split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1))];
  if (!wanted.length) return [{ text, hit: false }];
  const letters = [...text];
  const plain = folded(text);
  const hits = letters.map(() => false);
  const starts = plain.map((_, at) => at === 0 || !/[\p{L}\p{N}]/u.test(plain[at - 1]!));
  for (const word of wanted) {
    const sought = [...word];
    for (let at = 0; at <= plain.length - sought.length; at++) {
      if (starts[at] && sought.every((letter, place) => plain[at + place] === letter)) hits.fill(true, at, at + sought.length);
    }
  }
  return joined(letters, hits);
}

/** One plain letter for each letter, so that places stay the same. */
function folded(text: string): string[] {
  return [...text].map((letter) => [...letter.normalize("NFD")][0]!.toLowerCase());
}

function joined(letters: string[], hits: boolean[]): Piece[] {
  const pieces: Piece[] = [];
  letters.forEach((letter, at) => {
    const last = pieces.at(-1);
    if (last && last.hit === hits[at]) last.text += letter;
    else pieces.push({ text: letter, hit: hits[at]! });
  });
  return pieces;
}
