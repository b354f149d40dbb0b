// What widget, console and hub say to each other. Written by `python -m chat.typescript` from
// chat/protocol.py, core/events.py and core/views.py: change those, not this file.

/** RFC 3339, in UTC. */
export type Time = string;

export const FRAME_LIMIT = 65536;
export const TEXT_LIMIT = 10000;
export const CLOSE_MALFORMED = 4400;
export const CLOSE_UNPROVEN = 4401;
export const CLOSE_ORIGIN = 4403;
export const CLOSE_SLOW = 4408;
export const CLOSE_SIGNED_OUT = 4409;
export const CLOSE_TOO_MANY = 4429;
export const CLOSE_RESTART = 1012;

export type AuthorKind = "visitor" | "agent" | "assistant" | "system";

export type MessageKind = "text" | "note" | "event";

export type Status = "open" | "pending" | "snoozed" | "resolved";

export type Tone = "positive" | "warning" | "negative" | "info" | "neutral";

export type RecordKind = "order" | "deposit" | "withdrawal" | "payment" | "custom";

export type AssuranceName = "anonymous" | "claimed" | "email" | "hmac" | "token";

export type DiscountState = "waiting" | "reserved" | "issued" | "redeemed" | "expired" | "revoked" | "declined" | "failed";

export type ActionKind = "refund" | "cancel";

export type Answering = "" | "assistant" | "people";

export type Why = "asked" | "unsure" | "unhelpful" | "words" | "rule" | "failed" | "stopped" | "budget";

export type ActionState = "waiting" | "running" | "done" | "failed" | "declined";

/** An agent as others see them. */
export interface Person {
  id: string;
  name: string;
  avatar_url: string;
}

/** Who said something. A visitor's name is the conversation's, so it is empty here. */
export interface Author {
  kind: AuthorKind;
  id: string;
  name: string;
  avatar_url: string;
}

/** An exact amount: 1999 with EUR is €19.99, 1500 with JPY is ¥1500. */
export interface Money {
  minor: number;
  currency: string;
  text: string; // the exact decimal, such as "19.99"
}

/** A product shown in a conversation, rendered from the stored row, never from text. */
export interface ProductCard {
  type: "product";
  id: string;
  title: string;
  price: Money | null;
  url: string;
  image_url: string;
  available: boolean;
}

/** A single-use code given in a conversation, rendered from the ledger, never from text. */
export interface DiscountCard {
  type: "discount";
  id: string;
  code: string;
  title: string; // such as "20% off"
  percent: string; // exact, such as "12.5"; or
  amount: Money | null;
  minimum: Money | null; // the smallest order it holds for
  expires_at: Time | null;
  url: string; // applies it in the shop
  state: DiscountState;
}

/** One stop of an order on its way: paid, packed, shipped, delivered. */
export interface Step {
  name: "delivered" | "packed" | "paid" | "placed" | "shipped";
  at: Time | null;
  done: boolean;
}

/** A customer's own order, rendered from its record and what the shop says of it. */
export interface OrderCard {
  type: "order";
  id: string; // of the record
  number: string; // as people call it: "#1001"
  status: string; // the shop's word
  tone: Tone;
  total: Money | null;
  placed_at: Time;
  steps: Step[];
  items: number;
  parcel: string; // who brings it
  tracking: string; // the parcel's number
  tracking_url: string;
  expected_at: Time | null;
  url: string; // the shop's page of it
}

/** One of a customer's own deposits, withdrawals, payments or other records. */
export interface RecordCard {
  type: "record";
  id: string;
  kind: RecordKind;
  reference: string;
  title: string;
  amount: Money | null;
  status: string;
  tone: Tone;
  occurred_at: Time;
  url: string;
}

/** An article that is cited: the widget opens it by its slug. */
export interface ArticleCard {
  type: "article";
  slug: string;
  title: string;
  locale: string;
  url: string; // its public page
}

/** An invitation to prove who one is: by a code sent by e-mail, or by signing in. */
export interface VerifyCard {
  type: "verify";
  needs: AssuranceName;
  by_code: boolean; // a code by e-mail is enough, and this hub sends e-mail
}

/** A person takes over: the visitor may say where to reach them. */
export interface HandoverCard {
  type: "handover";
  online: boolean; // whether somebody was there at that moment
}

/** What the visitor may answer with one tap, in their language. */
export interface ChoicesCard {
  type: "choices";
  choices: string[];
}

/** One message; `seq` is dense within its conversation, `id` was made by the sender. */
export interface Message {
  id: string;
  seq: number;
  author: Author;
  kind: MessageKind;
  text: string;
  at: Time;
  cards: (ProductCard | DiscountCard | OrderCard | RecordCard | ArticleCard | VerifyCard | HandoverCard | ChoicesCard)[];
}

/** The line a list shows below a name. */
export interface LastMessage {
  text: string;
  author: AuthorKind;
  at: Time;
}

/** A conversation as its visitor sees it in a list. */
export interface Conversation {
  id: string;
  status: Status;
  assignee: Person | null;
  answering: Answering;
  last: LastMessage | null;
  last_seq: number;
  read_seq: number; // the visitor has read up to here
  agent_read_seq: number; // an agent has read up to here
  unread: number; // messages for the visitor after `read_seq`
  created_at: Time;
  updated_at: Time;
}

/** One step in the life of a record. */
export interface StatusChange {
  before: string | null; // null when the record was new
  after: string;
  at: Time;
  source: string;
}

/** One of a customer's orders, deposits, withdrawals, payments or other records. */
export interface Record {
  id: string;
  kind: RecordKind;
  reference: string;
  title: string;
  amount: Money | null;
  status: string;
  tone: Tone; // positive is green, warning amber, negative red
  url: string;
  source: string;
  occurred_at: Time;
  updated_at: Time;
}

/** One thing of an order. */
export interface OrderLine {
  id: string; // the shop's
  title: string;
  detail: string; // the variant
  quantity: number;
  refundable: number;
  total: Money | null;
  image_url: string;
}

/** One parcel of an order. */
export interface Tracking {
  status: string;
  company: string;
  number: string;
  url: string;
  expected_at: Time | null;
  delivered_at: Time | null;
}

/** An order as the shop has it now. What the shop may not tell us is empty. */
export interface OrderDetails {
  reference: string; // as its record's
  number: string; // as people call it: "#1001"
  payment: string; // the shop's word
  payment_tone: Tone;
  fulfilment: string;
  fulfilment_tone: Tone;
  total: Money | null;
  refunded: Money | null;
  lines: OrderLine[];
  more_lines: boolean; // there are more than these
  parcels: Tracking[];
  paid_with: string;
  placed_at: Time;
  updated_at: Time;
  cancelled_at: Time | null;
  admin_url: string; // for agents
  status_url: string; // for the customer
  actions: ActionKind[];
  customer: string; // the shop's id of the buyer; "" for a guest
}

/** Who approved or declined something that waited. */
export interface Decision {
  by: string; // their name
  at: Time;
  reason: string;
}

/** A row of the discount ledger, for agents. */
export interface DiscountView {
  id: string;
  state: DiscountState;
  title: string; // such as "20% off"
  code: string; // "" until the shop has it
  url: string; // a link that applies it
  percent: string; // exact, such as "12.5"; "" for an amount
  amount: Money | null;
  minimum: Money | null;
  value: Money | null; // what it counts for in the day's budget
  expires_at: Time | null;
  customer: string | null;
  customer_name: string;
  conversation: string;
  connection: string;
  store: string; // the shop's title
  by: Author;
  reason: string;
  verdict: string; // why it waits, or why the shop has no code
  approval: Decision | null; // the decision, also a refusal
  order: string; // the reference of the order that used it
  created_at: Time;
  updated_at: Time;
}

/** Something agents had a shop do to an order. */
export interface ActionView {
  id: string;
  kind: ActionKind;
  state: ActionState;
  record: string;
  order: string; // as people call it
  connection: string;
  store: string; // the shop's title
  customer: string | null;
  amount: Money | null;
  reason: string;
  detail: string; // what came of it, or why it waits
  by: Author;
  decision: Decision | null;
  created_at: Time;
  updated_at: Time;
}

/** A value about a customer and where it comes from. */
export interface Fact {
  value: string;
  source: string; // a connector's name, "agent", or "browser" for an unproven claim
  verified: boolean;
  at: Time;
}

/** Everything an agent's panel shows about who is writing. */
export interface Customer {
  id: string | null; // null until proven: then there are only claims
  external_id: string;
  source: string;
  name: string; // the best we have, for headings
  assurance: AssuranceName;
  verified: boolean;
  profile: { [key: string]: Fact }; // name, email, username, avatar_url, phone, address
  attributes: { [key: string]: Fact };
  created_at: Time | null;
}

/** Why the assistant passed a conversation on, and what it knew by then. */
export interface Handover {
  why: Why;
  reason: string; // one plain sentence for agents, such as "Asked for a person."
  summary: string;
  at: Time;
}

/** A conversation as the agents' inbox lists it. */
export interface InboxRow {
  id: string;
  status: Status;
  assignee: Person | null;
  answering: Answering;
  why: Why | null; // the assistant passed it on, if it did
  customer_name: string;
  avatar_url: string;
  verified: boolean;
  source: string; // of the customer: a connector's name, or "browser"
  last: LastMessage | null;
  last_seq: number;
  unread: number; // visitor's messages after `agent_read_seq`
  visitor_read_seq: number;
  agent_read_seq: number;
  created_at: Time;
  updated_at: Time;
}

/** One thing the assistant looked up or did for a message. */
export interface ToolStep {
  tool: string;
  arguments: { [key: string]: unknown };
  outcome: string; // "found", "nothing", "verify", "refused", "waiting", "person" or "failed"
  said: string; // in a few words: what was found, or why not
  ms: number;
}

/** How one message of the assistant came about, for agents. */
export interface Transcript {
  message: string; // its id
  engine: string; // "built-in", or the model's name
  steps: ToolStep[];
  ms: number; // from the question to the answer
  withheld: string; // what a model said that was not grounded, if it was withheld
  at: Time;
}

/** What a widget looks like: public, cacheable, no private field in it. */
export interface Appearance {
  id: string; // the widget's UUID
  name: string;
  welcome_heading: string;
  welcome_tagline: string;
  primary_color: string;
  on_primary: "#000000" | "#ffffff";
  fill: string; // `primary_color`, darkened when neither black nor white reached 4.5:1
  show_online_badge: boolean;
  logo_url: string | null;
  position: "left" | "right";
  offset_x: number;
  offset_y: number;
  launcher_size: "large" | "medium" | "small";
  own_button: boolean; // no bubble: the page opens the panel itself
  assistant: boolean; // whether the workspace's assistant answers
}

/** The first frame: a visitor's `token` or an agent's one-time `ticket`, and where to resume. */
export interface Hello {
  type: "hello";
  token?: string | null;
  ticket?: string | null;
  epoch?: string | null;
  seq?: number | null;
}

/** Say something. The sender makes `id` and a new `conversation`: sending again is safe. */
export interface Send {
  type: "send";
  id: string;
  conversation: string;
  text: string;
  kind?: "note" | "text";
  products?: string[];
}

export interface Typing {
  type: "typing";
  conversation: string;
  on?: boolean;
}

/** Everything up to `upto` has been seen. */
export interface Read {
  type: "read";
  conversation: string;
  upto: number;
}

export interface SetStatus {
  type: "set_status";
  id: string;
  conversation: string;
  status: Status;
}

/** Give the conversation to an agent, or to nobody. */
export interface Assign {
  type: "assign";
  id: string;
  conversation: string;
  assignee: string | null;
}

/** The visitor wants a person: the assistant passes the conversation on at once. */
export interface AskPerson {
  type: "ask_person";
  id: string;
  conversation: string;
}

/** An agent has this conversation open (null: no conversation), for collision marks. */
export interface Look {
  type: "look";
  conversation: string | null;
}

/** The page a visitor is on; a claim, shown to agents as such. */
export interface Page {
  type: "page";
  url: string;
  title?: string;
}

export interface Ping {
  type: "ping";
}

/** A frame sent by a browser. */
export type ClientFrame =
  | Hello
  | Send
  | Typing
  | Read
  | SetStatus
  | Assign
  | AskPerson
  | Look
  | Page
  | Ping;

/** Who the hub takes this socket for. */
export interface You {
  kind: "agent" | "visitor";
  id: string;
  name: string;
  assurance: AssuranceName | null;
  customer: string | null;
  role: "admin" | "agent" | "owner" | null;
}

/** Answer to hello. `resumed` false: fetch afresh; true: what was missed follows. */
export interface Welcome {
  type: "welcome";
  epoch: string;
  seq: number;
  resumed: boolean;
  you: You;
  online: boolean;
  agents: Person[];
}

/** `id` is saved for good. `seq` is the message's place in its conversation. */
export interface Ack {
  type: "ack";
  id: string;
  conversation: string;
  seq: number;
  at: Time | null;
}

/** A frame was refused and changed nothing; `id` is that frame's, if it had one. */
export interface Problem {
  type: "error";
  code: string;
  message: string;
  id: string | null;
  field: string | null;
  retry_after: number | null;
}

export interface TypingNow {
  type: "typing";
  conversation: string;
  who: "agent" | "assistant" | "visitor";
  person: Person | null;
  on: boolean;
}

/** What the assistant has written so far; the message of this id ends it, or an empty text. */
export interface Drafting {
  type: "drafting";
  conversation: string;
  message: string;
  text: string;
}

/** Which agents are online; visitors get it for the badge. */
export interface Presence {
  type: "presence";
  online: boolean;
  agents: Person[];
}

/** For agents: who has this conversation open now. */
export interface Looking {
  type: "looking";
  conversation: string;
  agents: Person[];
}

/** For agents: where the visitor is now, as their browser says. */
export interface VisitorPage {
  type: "visitor_page";
  visitor: string;
  url: string;
  title: string;
  at: Time;
}

export interface Pong {
  type: "pong";
}

/** A frame from the hub that is not an event: it is not in the log. */
export type ServerFrame =
  | Welcome
  | Ack
  | Problem
  | TypingNow
  | Drafting
  | Presence
  | Looking
  | VisitorPage
  | Pong;

/** Heard by: agents, and the visitor it belongs to. */
export interface ConversationStarted {
  seq: number;
  type: "ConversationStarted";
  conversation: string;
  visitor: string | null;
  customer: string | null;
}

/** Heard by: agents, and the visitor it belongs to. */
export interface MessageAdded {
  seq: number;
  type: "MessageAdded";
  conversation: string;
  message: Message;
  visitor: string | null;
  customer: string | null;
}

/**
 * A private note: the visitor never hears of it.
 *
 * Heard by: every agent of the workspace.
 */
export interface NoteAdded {
  seq: number;
  type: "NoteAdded";
  conversation: string;
  message: Message;
  visitor: string | null;
  customer: string | null;
}

/** Heard by: agents, and the visitor it belongs to. */
export interface ConversationChanged {
  seq: number;
  type: "ConversationChanged";
  conversation: string;
  status: Status;
  assignee: Person | null;
  answering: Answering;
  visitor: string | null;
  customer: string | null;
}

/**
 * The assistant has passed a conversation on: somebody is waiting for a person.
 *
 * Heard by: every agent of the workspace.
 */
export interface HandedOver {
  seq: number;
  type: "HandedOver";
  conversation: string;
  handover: Handover;
  visitor: string | null;
  customer: string | null;
}

/** Heard by: agents, and the visitor it belongs to. */
export interface MessagesRead {
  seq: number;
  type: "MessagesRead";
  conversation: string;
  reader: "agent" | "visitor";
  upto: number;
  visitor: string | null;
  customer: string | null;
}

/**
 * A visitor said or proved who they are.
 *
 * Heard by: every agent of the workspace.
 */
export interface VisitorIdentified {
  seq: number;
  type: "VisitorIdentified";
  assurance: AssuranceName;
  name: string;
  visitor: string | null;
  customer: string | null;
}

/** Heard by: every agent of the workspace. */
export interface CustomerChanged {
  seq: number;
  type: "CustomerChanged";
  name: string;
  visitor: string | null;
  customer: string | null;
}

/**
 * Everything of these people is gone: drop what is shown of them, and of these conversations.
 *
 * `customer` and `visitor` are empty here, so that nothing in the log points to who is gone.
 *
 * Heard by: every agent of the workspace.
 */
export interface CustomerErased {
  seq: number;
  type: "CustomerErased";
  customers: string[];
  visitors: string[];
  conversations: string[];
  visitor: string | null;
  customer: string | null;
}

/** Heard by: agents, and the verified sessions of the customer. */
export interface RecordChanged {
  seq: number;
  type: "RecordChanged";
  record: Record;
  visitor: string | null;
  customer: string | null;
}

/** Heard by: agents, and the verified sessions of the customer. */
export interface RecordRemoved {
  seq: number;
  type: "RecordRemoved";
  id: string;
  kind: string;
  reference: string;
  visitor: string | null;
  customer: string | null;
}

/**
 * A connected shop is in another state: fetch Settings → Integrations afresh.
 *
 * Heard by: every agent of the workspace.
 */
export interface ConnectionChanged {
  seq: number;
  type: "ConnectionChanged";
  connection: string;
  level: string;
  visitor: string | null;
  customer: string | null;
}

/**
 * A sync of a connected shop went on, or ended.
 *
 * Heard by: every agent of the workspace.
 */
export interface SyncProgressed {
  seq: number;
  type: "SyncProgressed";
  connection: string;
  run: string;
  kind: string;
  state: string; // "running", "done", "failed"
  done: number;
  total: number | null;
  changed: number;
  visitor: string | null;
  customer: string | null;
}

/**
 * A discount was asked for, decided, issued, used, or ended.
 *
 * Heard by: every agent of the workspace.
 */
export interface DiscountChanged {
  seq: number;
  type: "DiscountChanged";
  discount: DiscountView;
  visitor: string | null;
  customer: string | null;
}

/**
 * A refund or a cancellation was asked for, decided, or done.
 *
 * Heard by: every agent of the workspace.
 */
export interface ActionChanged {
  seq: number;
  type: "ActionChanged";
  action: ActionView;
  visitor: string | null;
  customer: string | null;
}

/**
 * The assistant was set up anew, started or stopped.
 *
 * Heard by: every agent of the workspace.
 */
export interface AssistantChanged {
  seq: number;
  type: "AssistantChanged";
  on: boolean;
  visitor: string | null;
  customer: string | null;
}

/**
 * The help centre has other articles, or other words in them.
 *
 * Heard by: every agent of the workspace.
 */
export interface ArticlesChanged {
  seq: number;
  type: "ArticlesChanged";
  visitor: string | null;
  customer: string | null;
}

/** Heard by: every agent of the workspace. */
export interface AppearanceChanged {
  seq: number;
  type: "AppearanceChanged";
  widget: string;
  visitor: string | null;
  customer: string | null;
}

/**
 * The widget loaded on a page of the merchant's.
 *
 * Heard by: every agent of the workspace.
 */
export interface WidgetSeen {
  seq: number;
  type: "WidgetSeen";
  widget: string;
  host: string;
  path: string;
  visitor: string | null;
  customer: string | null;
}

/**
 * What happened, numbered by `seq` within the workspace's epoch. A newer hub may tell of more: ignore types you do not
 * know.
 */
export type HubEvent =
  | ConversationStarted
  | MessageAdded
  | NoteAdded
  | ConversationChanged
  | HandedOver
  | MessagesRead
  | VisitorIdentified
  | CustomerChanged
  | CustomerErased
  | RecordChanged
  | RecordRemoved
  | ConnectionChanged
  | SyncProgressed
  | DiscountChanged
  | ActionChanged
  | AssistantChanged
  | ArticlesChanged
  | AppearanceChanged
  | WidgetSeen;
