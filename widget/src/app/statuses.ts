/** What a shop's English word for a status means to whoever reads another language; as the assistant has it. */

const SAME: { [name: string]: string } = {
  pending: "open, new, created, placed, queued, submitted, requested, initiated, in progress, pending payment, payment pending, awaiting payment, unpaid, due, partially paid",
  processing: "in process, preparing, packing, packed, awaiting shipment, label printed",
  "on hold": "hold, paused, waiting, scheduled, delayed, backordered",
  shipped: "in transit, sent, dispatched, despatched, on the way, en route, shipping, fulfilled",
  "partially shipped": "partially fulfilled, partially delivered",
  delivered: "collected, picked up",
  completed: "complete, succeeded, success, successful, settled, done, finished, credited, executed, posted, closed, cleared, deposited, withdrawn",
  cancelled: "canceled, voided, void, aborted",
  refunded: "fully refunded, reversed",
  failed: "failure, error, payment failed, bounced",
  declined: "rejected, denied, refused",
  returned: "return to sender",
  authorized: "authorised",
  unfulfilled: "awaiting fulfillment, awaiting fulfilment, pending fulfillment",
  ready: "ready for pickup, ready for collection, available",
  review: "under review, in review, reviewing, verifying, disputed, dispute",
  paid: "paid out, captured",
};

const KNOWN = new Map(
  Object.entries(SAME).flatMap(([name, words]) => [name, ...words.split(", ")].map((word) => [word, name] as const)),
);

/** "wc-on_hold" in the words of a catalog; "" for a word nobody knows, which stays the shop's own. */
export function meaning(statuses: { [name: string]: string }, status: string): string {
  const words = status.toLowerCase().replace(/[\W_]+/g, " ").trim().replace(/^wc /, "");
  const name = KNOWN.get(words) ?? words;
  return Object.hasOwn(statuses, name) ? statuses[name]! : "";
}
