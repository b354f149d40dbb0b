/** One conversation: with whom, what was said, and where to write. */

import type { JSX } from "preact";
import { isAnsweredByAssistant } from "../answering";
import { Avatar } from "../parts/avatar";
import { Back, Band } from "../parts/band";
import { Composer } from "../parts/composer";
import { Log } from "../parts/log";
import { Bone, State } from "../parts/states";
import { appearance, online, outgoing, row, status, thread, words, type Screen } from "../state";
import { useAfter, useChat } from "../use";

interface ConversationProps {
  id: string;
  from: "home" | "messages" | Screen;
}

export function ConversationScreen({ id, from }: ConversationProps): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const { state, items } = thread(id);
  const isBlank = !items.length && !outgoing.value.some(({ frame }) => frame.conversation === id);
  return (
    <>
      <Band>
        <Back to={typeof from === "string" ? { name: from } : from} />
        <Who id={id} />
      </Band>
      <div class="sheet">
        <Reconnecting />
        <Ai id={id} />
        {state === "failed" ? (
          <State
            art="cloud"
            title={said.conversationFailed}
            text={said.safe}
            action={{ text: said.retry, icon: "sync", run: () => chat.reload(id) }}
          />
        ) : state === "ready" && isBlank ? (
          <State art="talk" title={said.start} text={appearance.value?.assistant ? said.sendUsAssistant : said.startHow} />
        ) : state === "loading" && isBlank ? (
          <Bones />
        ) : (
          <Log id={id} />
        )}
        {state !== "failed" && <Composer id={id} />}
      </div>
    </>
  );
}

function Who({ id }: { id: string }): JSX.Element {
  const said = words();
  const look = appearance.value!;
  const one = row(id);
  const speaker = thread(id).items.findLast(({ author }) => author.kind === "agent" || author.kind === "assistant");
  const isNew = !one?.last_seq && look.assistant;
  const bot = !one?.assignee && (isAnsweredByAssistant(id) || isNew || (!one?.answering && speaker?.author.kind === "assistant"));
  const shop = { id: look.id, name: look.name, avatar_url: look.logo_url ?? "" };
  const assistant = { id: "", name: said.assistant, avatar_url: "" };
  const agent = speaker?.author.kind === "agent" ? speaker.author : shop;
  const face = one?.assignee ?? (bot ? assistant : agent);
  return (
    <div class="who">
      <Avatar face={face} size={36} bot={!!bot} logo={face === shop} />
      <div class="name">
        <h1>
          <b dir="auto">{face.name}</b>
        </h1>
        {bot ? (
          <span class="sub">{said.answersRightAway}</span>
        ) : look.show_online_badge && online.value !== null && (
          <span class="sub">
            {online.value && <i class="on-dot" />}
            {online.value ? said.online : said.awayShort}
          </span>
        )}
      </div>
    </div>
  );
}

/** Nobody is left to think that they talk with a person, and the way to one is always there. */
function Ai({ id }: { id: string }): JSX.Element | null {
  const { chat } = useChat();
  if (!isAnsweredByAssistant(id)) return null;
  return (
    <div class="banner accent">
      <span class="grow">{words().aiBanner}</span>
      <button type="button" onClick={() => chat.askPerson(id)}>{words().talkToPerson}</button>
    </div>
  );
}

/** Said once, and only when it lasts: most reconnections are over before one could read it. */
function Reconnecting(): JSX.Element | null {
  const isLong = useAfter(status.value === "offline", 1000);
  return isLong ? (
    <div class="banner warning" role="status">
      <span class="spin" />
      <span class="grow">{words().reconnecting}</span>
    </div>
  ) : null;
}

const SHAPES = [[58, 40], [72, 62], [50, 40, "end"], [64, 40], [66, 62, "end"]] as const;

function Bones(): JSX.Element {
  const late = useAfter(true, 150);
  return (
    <div class="log" aria-busy="true">
      <div class="log-in">
        <span class="sr" role="status">{words().loading}</span>
        {late && SHAPES.map(([width, height, side]) => (
          <span class={side} key={width}>
            <Bone width={`${width}%`} height={height} round={18} />
          </span>
        ))}
      </div>
    </div>
  );
}
