/** Who answers a conversation: the assistant, or people; and whether a person is still on the way. */

import type { Person } from "../../../chat/protocol";
import * as state from "./state";

/** The visitor talks with an AI and has not asked for anybody else. */
export function isAnsweredByAssistant(id: string): boolean {
  return state.row(id)?.answering === "assistant" && !state.asked.value.has(id);
}

/**
 * A person was promised and has said nothing yet: who it is, or "somebody" while that is being found out.
 * Null as well while everybody is away: then nobody is being looked for.
 */
export function awaited(id: string): Person | "somebody" | null {
  const row = state.row(id);
  const isPromised = state.asked.value.has(id) || row?.answering === "people";
  if (!row || !isPromised || row.status === "resolved") return null;
  const { items } = state.thread(id);
  const speaker = items.findLast(({ author }) => author.kind === "agent" || author.kind === "assistant");
  if (speaker ? speaker.author.kind === "agent" : !state.asked.value.has(id)) return null;
  return row.assignee ?? (state.online.value ? "somebody" : null);
}
