/** The square with a connector's letter, large beside its name. */

import { source } from "../source";

export function Tile({ connector }: { connector: string }) {
  const { letter, look } = source(connector);
  return (
    <span class={`ctile ${look}`} aria-hidden="true">
      {letter}
    </span>
  );
}
