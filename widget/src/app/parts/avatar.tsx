/** Who speaks: an agent's picture or initials, or the assistant's spark. */

import type { JSX } from "preact";
import { initials } from "../format";
import { safeUrl } from "../safe";
import { Icon } from "./icon";

const COLOURS = ["#5a3fd0", "#0f6a5f", "#9a4521", "#1b57ad", "#8a2d63", "#4d5f16", "#7a4b00", "#34558b"];

export interface Face {
  id: string;
  name: string;
  avatar_url: string;
}

interface AvatarProps {
  face: Face;
  size: number;
  bot?: boolean;
  logo?: boolean; // the shop itself, on the white that logos are made for
}

export function Avatar({ face, size, bot, logo }: AvatarProps): JSX.Element {
  const picture = safeUrl(face.avatar_url);
  const number = [...face.id].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 65521, 7);
  const colour = COLOURS[number % COLOURS.length]!;
  return (
    <span class={bot ? "av bot" : logo ? "av tile" : "av"} style={{ "--sz": `${size}px`, "--av": colour }} aria-hidden="true">
      {bot ? <Icon name="spark" size={Math.round(size * 0.62)} /> : initials(face.name)}
      {picture && !bot && <img src={picture} alt="" referrerpolicy="no-referrer" />}
    </span>
  );
}
