/** The words and glyphs of a conversation's status, the same on every screen. */

import type { IconName } from "../kit/icons";
import type { StatusFilter } from "../router";

export const STATUS_WORDS: { readonly [status in StatusFilter]: string } = {
  open: "Open",
  pending: "Pending",
  snoozed: "Snoozed",
  resolved: "Resolved",
  any: "Any status",
};

export const STATUS_GLYPHS: { readonly [status in StatusFilter]: IconName } = {
  open: "inbox",
  pending: "clock",
  snoozed: "snooze",
  resolved: "check",
  any: "list",
};
