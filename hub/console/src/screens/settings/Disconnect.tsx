/** The question before a shop is let go: what stops, what stays. */

import { useState } from "preact/hooks";
import { habits } from "../../connecting";
import { words } from "../../http";
import { Confirm } from "../../kit/Dialog";
import { type Connection, disconnect } from "../../shops";
import { done } from "../../toast";
import { useDesk } from "../../work";

interface Props {
  connection: Connection;
  onClose: () => void;
}

export function Disconnect({ connection, onClose }: Props) {
  const { shops } = useDesk();
  const [busy, setBusy] = useState(false);
  const [sure, setSure] = useState(false);
  const [refused, setRefused] = useState("");
  const leave = async (): Promise<void> => {
    if (!sure) return setRefused("Tick the box first: this ends live orders and discounts of this shop.");
    setBusy(true);
    try {
      await disconnect(connection.id);
      done(`${connection.title} is disconnected`);
      onClose();
      await shops.load();
    } catch (error) {
      setRefused(words(error));
      setBusy(false);
    }
  };
  return (
    <Confirm
      title={`Disconnect ${connection.title}?`}
      about={`${habits(connection.connector).leaves} New orders no longer arrive, and codes can no longer be issued.`}
      action="Disconnect"
      busy={busy}
      problem={refused}
      onConfirm={leave}
      onClose={onClose}
    >
      <label class="tickrow">
        <input
          type="checkbox"
          class="tickbox"
          checked={sure}
          onChange={() => {
            setSure(!sure);
            setRefused("");
          }}
        />
        <span>
          <b>Stop using {connection.shop}</b>
          <p>Orders, customers and products that are here already stay until they are erased.</p>
        </span>
      </label>
    </Confirm>
  );
}
