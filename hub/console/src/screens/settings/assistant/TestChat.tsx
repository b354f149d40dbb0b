/** Beside the settings: ask the assistant as anybody, and see what it would look up and say. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { InboxRow } from "../../../../../../chat/protocol";
import { type Asking, type Trial, tryAnswer } from "../../../assistant";
import { get, words } from "../../../http";
import type { Detail } from "../../../inbox";
import { Icon } from "../../../kit/Icon";
import { Ladder } from "../../../kit/Ladder";
import { LANGUAGES, type Locale, LOCALES } from "../../../articles";
import { nameOf } from "../../../person";
import { whyWord } from "../../../transcripts";
import { Cards } from "../../Cards";
import { SourceChip } from "../../DraftPanel";
import { ToolTranscript } from "../../ToolTranscript";

interface Turn {
  asked: string;
  answer: Trial | { problem: string } | null; // null: on its way
}

interface Person {
  conversation: string; // where we met them
  name: string;
}

const NOBODY = "";

interface Props {
  shown: boolean; // over the settings, where there is no room beside them
  close: () => void;
}

export function TestChat({ shown, close }: Props) {
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const [text, setText] = useState("");
  const [who, setWho] = useState(NOBODY);
  const [locale, setLocale] = useState<Locale>("en");
  const people = usePeople();
  const game = useRef(0); // "Start over" forgets answers that are on their way
  const busy = turns.at(-1)?.answer === null;

  const startOver = (): void => {
    game.current += 1;
    setTurns([]);
  };
  const ask = async (asked: string): Promise<void> => {
    const wanted = asked.trim();
    if (!wanted || busy) return;
    const turn = game.current;
    setText("");
    setTurns([...turns, { asked: wanted, answer: null }]);
    const answer = await answered({ text: wanted, history: history(turns), locale }, who);
    if (turn === game.current) setTurns([...turns, { asked: wanted, answer }]);
  };
  return (
    <aside class={shown ? "pane pv-pane test shown" : "pane pv-pane test"} aria-label="Test chat">
      <div class="bar">
        <h2 class="grow">Test chat</h2>
        <button type="button" class="btn ghost sm" disabled={turns.length === 0} onClick={startOver}>
          <Icon name="sync" size={14} />
          Start over
        </button>
        <button type="button" class="btn ghost icon to-test" aria-label="Close the test chat" onClick={close}>
          <Icon name="x" />
        </button>
      </div>
      <div class="tst">
        <AskAs people={people} who={who} pick={(next) => (startOver(), setWho(next))} />
        <label class="field select lang-s">
          <span class="sr">Language</span>
          <select value={locale} onChange={(event) => setLocale(event.currentTarget.value as Locale)}>
            {LOCALES.map((one) => (
              <option key={one} value={one}>
                {LANGUAGES[one]}
              </option>
            ))}
          </select>
          <Icon name="down" size={16} />
        </label>
      </div>
      <div class="scroll log" role="log" tabIndex={0} aria-label="Test chat">
        <div class="log-in">
          {turns.length === 0 && <Ideas ask={ask} />}
          {turns.map((turn, at) => (
            <Shown key={at} turn={turn} />
          ))}
        </div>
      </div>
      <Asker text={text} busy={busy} setText={setText} ask={ask} />
    </aside>
  );
}

async function answered(asking: Omit<Asking, "customer">, who: string): Promise<Turn["answer"]> {
  try {
    return await tryAnswer({ ...asking, customer: who ? await customerOf(who) : null });
  } catch (error) {
    return { problem: words(error) };
  }
}

/** What was said before, as far as it was said. */
const history = (turns: readonly Turn[]): Asking["history"] =>
  turns.flatMap(({ asked, answer }) => {
    const said = answer && "text" in answer ? [{ author: "assistant" as const, text: answer.text }] : [];
    return [{ author: "visitor" as const, text: asked }, ...said];
  });

/** Customers who have written lately and proven who they are. */
function usePeople(): readonly Person[] {
  const [people, setPeople] = useState<readonly Person[]>([]);
  useEffect(() => {
    get<{ items: InboxRow[] }>("/console/api/conversations?tab=all&status=any").then(
      ({ items }) => {
        const named = items.filter((row) => row.verified && row.customer_name);
        const once = new Map(named.map((row) => [row.customer_name, row]));
        setPeople([...once.values()].map((row) => ({ conversation: row.id, name: nameOf(row.customer_name) })));
      },
      () => undefined, // one can still ask as a visitor
    );
  }, []);
  return people;
}

const customerOf = async (conversation: string): Promise<string | null> =>
  (await get<Detail>(`/console/api/conversations/${encodeURIComponent(conversation)}`)).customer.id;

interface AskAsProps {
  people: readonly Person[];
  who: string;
  pick: (who: string) => void;
}

function AskAs({ people, who, pick }: AskAsProps) {
  return (
    <>
      <label class="label" for="ask-as">
        Ask as
      </label>
      <span class="field select grow">
        <select id="ask-as" value={who} onChange={(event) => pick(event.currentTarget.value)}>
          <option value={NOBODY}>A visitor nobody knows</option>
          {people.map((one) => (
            <option key={one.conversation} value={one.conversation}>
              {one.name}
            </option>
          ))}
        </select>
        <Icon name="down" size={16} />
      </span>
      <span class="flex">
        <Ladder level={who ? 3 : 0} />
        <span class="muted">{who ? "Verified" : "Anyone"}</span>
      </span>
    </>
  );
}

const IDEAS = ["Where is my order?", "Do you have something under 50?", "Can I have a discount?", "I want to talk to a person"];

function Ideas({ ask }: { ask: (text: string) => void }) {
  return (
    <div class="ideas">
      <span class="av bot av-40" aria-hidden="true">
        <Icon name="spark" size={22} />
      </span>
      <b>Try a question</b>
      <p class="muted">It uses your real articles, products and records, and shows what it looked up.</p>
      <ul>
        {IDEAS.map((idea) => (
          <li key={idea}>
            <button type="button" class="btn sm" onClick={() => ask(idea)}>
              {idea}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Shown({ turn: { asked, answer } }: { turn: Turn }) {
  return (
    <>
      <div class="msg us">
        <div class="mb">
          <div class="bubble" dir="auto">
            {asked}
          </div>
        </div>
      </div>
      <div class="msg them-ai">
        <span class="av bot av-28" aria-hidden="true">
          <Icon name="spark" size={17} />
        </span>
        <div class="mb">
          {answer === null && (
            <div class="bubble ai dots" role="status">
              <span class="sr">Answering</span>
              <i />
              <i />
              <i />
            </div>
          )}
          {answer && "problem" in answer && (
            <p class="hint bad" role="alert">
              <Icon name="alert" size={14} />
              {answer.problem}
            </p>
          )}
          {answer && "text" in answer && <Answer answer={answer} />}
        </div>
      </div>
      {answer && "text" in answer && answer.passing && (
        <div class="sysline">
          <Icon name="headset" size={14} />
          <span>
            <b>Would hand over here.</b> {whyWord(answer.passing.why)}: {answer.passing.reason}
          </span>
        </div>
      )}
    </>
  );
}

function Answer({ answer }: { answer: Trial }) {
  const cards = answer.cards.filter((card) => card.type !== "article");
  return (
    <>
      <ToolTranscript transcript={answer} />
      {answer.text && (
        <div class="bubble ai" dir="auto">
          {answer.text}
        </div>
      )}
      <Cards cards={cards} />
      {answer.choices && answer.choices.length > 0 && <Cards cards={[{ type: "choices", choices: answer.choices }]} />}
      {answer.sources.length > 0 && (
        <div class="flex wrap srcs">
          {answer.sources.slice(0, 4).map((source) => (
            <SourceChip key={`${source.kind} ${source.id}`} source={source} />
          ))}
        </div>
      )}
    </>
  );
}

interface AskerProps {
  text: string;
  busy: boolean;
  setText: (text: string) => void;
  ask: (text: string) => void;
}

function Asker({ text, busy, setText, ask }: AskerProps) {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    ask(text);
  };
  return (
    <div class="dock">
      <div class="comp">
        <textarea
          class="ctext"
          rows={2}
          dir="auto"
          maxLength={2_000}
          aria-label="Ask something"
          placeholder="Ask something"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <div class="cbar">
          <span class="quiet-t calm">Changes nothing, not counted in reports</span>
          <span class="end" />
          <button type="button" class="btn soft" disabled={busy || !text.trim()} onClick={() => ask(text)}>
            Send
          </button>
        </div>
      </div>
    </div>
  );
}
