/** A line drawing of 20 by 20, in the colour of the text beside it. */

import { ICONS, type IconName } from "./icons";

interface Props {
  name: IconName;
  size?: number;
  flip?: boolean; // it points along the text, so it mirrors where text runs the other way
}

export function Icon({ name, size = 18, flip }: Props) {
  return (
    <svg class={`i${flip ? " flip" : ""}${name === "dots" ? " dots-i" : ""}`} width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}

export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg class="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path
        fill="currentColor"
        d="M16 2.5c7.6 0 13.5 5.6 13.5 12.8S23.6 28.1 16 28.1c-1.5 0-3-.2-4.3-.6L5.3 30c-.8.3-1.5-.4-1.3-1.2l1.1-4.600C3.4 21.9 2.5 18.7 2.5 15.3 2.5 8.1 8.4 2.5 16 2.5z"
      />
      <path
        fill="var(--mark-in,#fff)"
        d="M9.6 11.2a2.7 2.7 0 0 1 2.7-2.7h6.2c3.3 0 5.6 2.2 5.6 5.2s-2.3 5.2-5.6 5.200h-4.100l-3.3 3.200c-.6.5-1.5.1-1.5-.7z"
      />
    </svg>
  );
}
