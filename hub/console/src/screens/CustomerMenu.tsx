/** What an admin may do with everything that is known of a customer: hand it out, or take it away. */

import { useState } from "preact/hooks";
import { post, words } from "../http";
import { Confirm } from "../kit/Dialog";
import { Icon } from "../kit/Icon";
import { Menu } from "../kit/Menu";
import { go, inboxPlace } from "../router";
import { done, problem } from "../toast";
import { useDesk } from "../work";

interface Props {
  customer: string;
  name: string;
}

const at = (customer: string, what: string): string => `/console/api/customers/${encodeURIComponent(customer)}/${what}`;

export function CustomerMenu({ customer, name }: Props) {
  const [erasing, setErasing] = useState(false);
  const hand = async (): Promise<void> => {
    try {
      save(await post<object>(at(customer, "export")), `${customer}.json`);
      done("The file is in your downloads");
    } catch (error) {
      problem(words(error));
    }
  };
  return (
    <>
      <Menu
        class="btn ghost icon"
        label={`More about ${name}`}
        align="end"
        button={<Icon name="dots" />}
        items={[
          { label: "Export their data", icon: "download", pick: () => void hand() },
          { label: "Erase…", icon: "trash", danger: true, pick: () => setErasing(true) },
        ]}
      />
      {erasing && <Erase customer={customer} name={name} onClose={() => setErasing(false)} />}
    </>
  );
}

function save(content: object, name: string): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser reads it a little later
}

function Erase({ customer, name, onClose }: Props & { onClose: () => void }) {
  const desk = useDesk();
  const [sure, setSure] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState("");
  const erase = async (): Promise<void> => {
    if (!sure) return setRefused("Tick the box first: what is erased cannot be brought back.");
    setBusy(true);
    try {
      await post(at(customer, "erase"));
      done(`${name} is erased`);
      go({ ...inboxPlace.value, conversation: null, customer: false });
      void desk.inbox.refresh(null);
    } catch (error) {
      setRefused(words(error));
      setBusy(false);
    }
  };
  return (
    <Confirm
      title={`Erase ${name}?`}
      about="Everything this hub knows of them is taken away: profile, orders, conversations and files."
      action="Erase for good"
      busy={busy}
      problem={refused}
      onConfirm={erase}
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
          <b>Take {name} away for good</b>
          <p>The shop keeps its own records. A later order or message makes a new customer.</p>
        </span>
      </label>
    </Confirm>
  );
}
