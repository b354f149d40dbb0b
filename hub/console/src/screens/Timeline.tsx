/** A customer's records, newest first, each with its status, its way to the shop and its history. */

import { useEffect, useId, useState } from "preact/hooks";
import type { Record as ShopRecord, StatusChange } from "../../../../chat/protocol";
import { webAddress } from "../address";
import { history } from "../customer";
import { words } from "../http";
import { Icon } from "../kit/Icon";
import { Money } from "../kit/Money";
import { now } from "../kit/now";
import { SourceMark } from "../kit/SourceMark";
import { StatusPill } from "../kit/StatusPill";
import { source } from "../source";
import { day, dayAndTime, full } from "../time";
import { kindGlyph, statusWord } from "../tone";

interface Props {
  records: readonly ShopRecord[];
  fresh: ReadonlySet<string>;
}

export function Timeline({ records, fresh }: Props) {
  return (
    <ol class="tl">
      {records.map((record) => (
        <Entry key={record.id} record={record} fresh={fresh.has(record.id)} />
      ))}
    </ol>
  );
}

function Entry({ record, fresh }: { record: ShopRecord; fresh: boolean }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <li class={`ev ${record.tone}${fresh ? " fresh" : ""}`}>
      <span class="eg" title={source(record.source).name}>
        <Icon name={kindGlyph(record.kind)} size={16} />
      </span>
      <div class="grow">
        <div class="flex between">
          <Title record={record} />
          {record.amount && <Money money={record.amount} />}
        </div>
        <div class="flex between">
          <button
            type="button"
            class="ev-more"
            aria-expanded={open}
            aria-controls={open ? id : undefined}
            title={full(record.occurred_at)}
            onClick={() => setOpen(!open)}
          >
            {fresh && (
              <span class="live">
                <i />
                Live
              </span>
            )}
            <span class="clip">
              {!isMachines(record) && (
                <>
                  <bdi>{record.reference}</bdi>,{" "}
                </>
              )}
              {day(record.occurred_at, now.value)}
            </span>
            <Icon name={open ? "down" : "right"} size={12} flip={!open} />
            <span class="sr">Status history</span>
          </button>
          <StatusPill status={record.status} tone={record.tone} bare />
        </div>
        {open && <History id={id} record={record} />}
      </div>
    </li>
  );
}

/** A shop's inner number says nothing beside a title that people use. */
const isMachines = ({ reference, title }: ShopRecord): boolean => title !== "" && /^\d{9,}$/.test(reference);

function Title({ record }: { record: ShopRecord }) {
  const url = webAddress(record.url);
  const title = record.title || `${statusWord(record.kind)} ${record.reference}`;
  if (!url) return <span class="clip ev-t">{title}</span>;
  return (
    <a class="ev-t flex" href={url} target="_blank" rel="noopener noreferrer" title={`Open ${record.reference}`}>
      <span class="clip">{title}</span>
      <Icon name="link" size={12} />
    </a>
  );
}

type Loaded = { items: StatusChange[] } | { problem: string } | null;

function History({ id, record }: { id: string; record: ShopRecord }) {
  const [loaded, setLoaded] = useState<Loaded>(null);
  useEffect(() => {
    history(record.id).then(
      (items) => setLoaded({ items: items.toReversed() }), // the hub tells them oldest first
      (error) => setLoaded({ problem: words(error) }),
    );
  }, [record.id, record.status]);

  if (loaded && "problem" in loaded) {
    return (
      <p id={id} class="hint bad" role="alert">
        {loaded.problem}
      </p>
    );
  }
  return (
    <ol id={id} class="hist" aria-label="Status history" aria-busy={loaded === null}>
      {(loaded?.items ?? []).map((change) => (
        <li key={`${change.at} ${change.after}`}>
          <b class="clip">{statusWord(change.after)}</b>
          <SourceMark source={change.source} />
          <time dateTime={change.at}>{dayAndTime(change.at, now.value)}</time>
        </li>
      ))}
      {loaded?.items.length === 0 && <li>No change since it was first seen.</li>}
    </ol>
  );
}
