/** Says, once and where one is working, that the line to the hub is down. */

import { useDesk } from "../work";

export function LineNotice() {
  const state = useDesk().connection.state.value;
  if (state !== "waiting") return null;
  return (
    <div class="notice info line-lost" role="status">
      <span class="spin" />
      <p class="grow">
        <b>Reconnecting…</b> You can go on writing: it is sent when the line is back.
      </p>
    </div>
  );
}
