/** A status: its tone, its glyph and the shop's own word. */

import type { Tone } from "../../../../chat/protocol";
import { statusGlyph, statusWord } from "../tone";
import { Icon } from "./Icon";

export function StatusPill({ status, tone, bare }: { status: string; tone: Tone; bare?: boolean }) {
  if (!status) return null;
  return (
    <span class={`pill ${tone}${bare ? " bare" : ""}`}>
      <Icon name={statusGlyph(status, tone)} size={12} />
      {statusWord(status)}
    </span>
  );
}
