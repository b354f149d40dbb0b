/** How sure we are who it is, as four bars. */

import "./ladder.css";

export function Ladder({ level }: { level: number }) {
  return (
    <span class="ladder" role="img" aria-label={`Assurance ${level} of 4`}>
      {[1, 2, 3, 4].map((at) => (
        <i key={at} class={at <= level ? "on" : ""} />
      ))}
    </span>
  );
}
