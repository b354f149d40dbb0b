/** A person's picture over their initials on their colour; drawn by CSS, so that no reader spells the letters. */

import { useState } from "preact/hooks";
import { webAddress } from "../address";
import { colour, initials } from "../person";
import { SourceMark } from "./SourceMark";

interface Props {
  name: string;
  url?: string;
  size?: number;
  source?: string; // where a customer comes from, as a mark at the corner
  online?: boolean;
}

export function Avatar({ name, url, size = 32, source, online }: Props) {
  const [broken, setBroken] = useState<string | null>(null);
  const picture = webAddress(url);
  return (
    <span class="av" style={{ "--sz": `${size}px`, "--av": colour(name) }} data-initials={initials(name)} aria-hidden="true">
      {picture && picture !== broken && (
        <img src={picture} alt="" referrerpolicy="no-referrer" onError={() => setBroken(picture)} />
      )}
      {source && <SourceMark source={source} />}
      {online && <span class="presence" />}
    </span>
  );
}
