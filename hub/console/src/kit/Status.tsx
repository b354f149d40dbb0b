/** A small status: glyph, word and tone, for words that are ours and not the shop's. */

import type { Tone } from "../../../../chat/protocol";
import { Icon } from "./Icon";
import type { IconName } from "./icons";

interface Props {
  look: { word: string; tone: Tone; glyph: IconName };
  bare?: boolean;
}

export function Status({ look, bare }: Props) {
  return (
    <span class={`pill ${look.tone}${bare ? " bare" : ""}`}>
      <Icon name={look.glyph} size={12} />
      {look.word}
    </span>
  );
}
