/** The small tile that says where something comes from. */

import { source as known } from "../source";
import { Icon } from "./Icon";

export function SourceMark({ source }: { source: string }) {
  const { name, letter, look } = known(source);
  return (
    <span class={`src ${look}`} role="img" aria-label={name} title={name}>
      {letter || <Icon name="globe" size={11} />}
    </span>
  );
}
