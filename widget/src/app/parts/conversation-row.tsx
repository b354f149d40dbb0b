/** One conversation in a list: with whom, what was said last, how much is new. */

import type { JSX } from "preact";
import type { Conversation } from "../../../../chat/protocol";
import { ago, number } from "../format";
import { appearance, words } from "../state";
import { useChat } from "../use";
import { fill } from "../words";
import { Avatar } from "./avatar";

interface RowProps {
  one: Conversation;
  from: "home" | "messages";
}

export function ConversationRow({ one, from }: RowProps): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const shop = appearance.value?.name ?? "";
  const bot = !one.assignee && (one.answering === "assistant" || one.last?.author === "assistant");
  const who = one.assignee ?? { id: shop, name: bot ? said.assistant : shop, avatar_url: appearance.value?.logo_url ?? "" };
  const text = one.last?.text ?? "";
  return (
    <button
      class={`row${one.unread ? " unread" : ""}${from === "messages" ? " tall" : ""}`}
      type="button"
      data-key={`conversation:${one.id}`}
      onClick={() => chat.show({ name: "conversation", id: one.id, from })}
    >
      <Avatar face={who} size={from === "home" ? 40 : 44} bot={bot} logo={!one.assignee} />
      <span class="main">
        <span class="t" dir="auto">{one.assignee && from === "home" ? fill(said.from, { agent: who.name, shop }) : who.name}</span>
        <span class="s" dir="auto">{one.last?.author === "visitor" ? fill(said.you, { text }) : text}</span>
      </span>
      <span class="end">
        <span class="time">{one.last && ago(one.last.at)}</span>
        {one.unread ? (
          <span class="dot-n">
            {number(one.unread)}
            <span class="sr">{fill(said.unread, { count: number(one.unread) })}</span>
          </span>
        ) : (
          <span class="dot-n none" />
        )}
      </span>
    </button>
  );
}
