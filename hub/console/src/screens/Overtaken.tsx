/** Warns that a colleague has answered while one was writing one's own answer. */

import { Icon } from "../kit/Icon";
import { now } from "../kit/now";
import { firstName } from "../person";
import { ago } from "../time";
import { useDesk } from "../work";

export function Overtaken({ conversation }: { conversation: string }) {
  const { overtaken } = useDesk();
  const by = overtaken.value;
  if (by?.conversation !== conversation) return null;
  return (
    <div class="notice warning" role="alert">
      <Icon name="people" />
      <p class="grow">
        <b>
          {firstName(by.message.author.name)} replied {ago(by.message.at, now.value)}.
        </b>{" "}
        Read that answer before you send yours. Your draft is kept.
      </p>
      <button type="button" class="btn ghost sm icon" aria-label="Dismiss" onClick={() => (overtaken.value = null)}>
        <Icon name="x" size={14} />
      </button>
    </div>
  );
}
