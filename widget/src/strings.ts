/** Every word the widget says, in one place; a language more is one object more. */

/** Said by the loader on the merchant's page: kept apart, because each byte there costs every visitor. */
export const onPage = {
  open: "Open chat",
  close: "Close chat",
  unread: (count: string) => `, ${count} unread`,
  dialog: (shop: string) => `Chat with ${shop}`,
  flash: (count: number) => (count === 1 ? "New message" : `${count} new messages`),
};

export const english = {
  home: "Home",
  messages: "Messages",
  sections: "Sections",
  back: "Back",
  close: "Close chat",
  conversation: "Conversation",
  loading: "Loading",
  retry: "Try again",

  defaultHeading: "Hi there!",
  greeting: (name: string) => `Hi ${name}!`,
  online: "Online",
  onlineNow: "Online now",
  away: "Away right now. Leave a message.",
  awayShort: "Answers here when back",
  from: (agent: string, shop: string) => `${agent} from ${shop}`,
  you: (text: string) => `You: ${text}`,
  sendUs: "Send us a message",
  sendUsOnline: "Our team is online",
  sendUsAway: "We answer here when we are back",
  unread: (count: number) => `, ${count} unread`,
  now: "Now",

  activity: "Your activity",
  seeAll: "See all",
  activityHint: "See your orders here",
  activityHow: "Sign in to the shop to show your activity",
  activityEmpty: "Orders and payments appear here.",
  activityFailed: "We could not load your activity",
  activityFailedHow: "Nothing is lost. The shop did not answer in time.",
  kinds: {
    order: "Order",
    deposit: "Deposit",
    withdrawal: "Withdrawal",
    payment: "Payment",
    custom: "Record",
  },

  noMessages: "No conversations yet",
  noMessagesHow: "Ask about a product, an order, or anything else.",
  messagesFailed: "Your messages did not load",
  newConversation: "New conversation",
  conversationFailed: "This conversation did not load",
  safe: "Your messages are safe. Check your connection and try again.",
  reconnecting: "Reconnecting… your messages are kept and sent when you are back.",
  start: "How can we help?",
  startHow: "The answer comes right here",
  assistant: "Assistant",
  ai: "AI",
  isTyping: (name: string) => `${name} is typing`,
  write: "Write a message…",
  send: "Send",
  sending: "Sending…",
  waiting: "Waiting for connection",
  sent: "Sent",
  seen: "Seen",
  notSent: "Not sent.",
  viewProduct: "View product",
  inStock: "In stock",
  soldOut: "Sold out",
  opensNewTab: "opens in a new tab",
  off: "off",
  copyCode: "Copy the code",
  copied: "Copied",
  useCode: "Use it",
  oneUse: "One use.",
  oneUseUntil: (day: string) => `One use, until ${day}.`,
  ordersOver: (amount: string) => `Orders over ${amount}.`,
  codeStates: {
    redeemed: "You have used this code.",
    expired: "This code has expired.",
    revoked: "This code was withdrawn.",
    soon: "The shop is making this code.",
  },
};

export type Words = typeof english;

const CATALOGS: { [language: string]: Words } = { en: english };
const RIGHT_TO_LEFT = ["ar", "he", "fa", "ur"];

export interface Speech {
  /** For numbers, times and money: the visitor's own variety of the language the words are in. */
  locale: string;
  direction: "ltr" | "rtl";
  words: Words;
}

/** The first wanted locale that has a catalog; otherwise English. */
export function speech(wanted: readonly string[]): Speech {
  for (const locale of wanted.flatMap(canonical)) {
    const language = locale.split("-")[0]!;
    const words = CATALOGS[language];
    if (words) {
      return { locale, direction: RIGHT_TO_LEFT.includes(language) ? "rtl" : "ltr", words };
    }
  }
  return { locale: "en", direction: "ltr", words: english };
}

function canonical(locale: string): string[] {
  try {
    return Intl.getCanonicalLocales(locale);
  } catch {
    return []; // a page may say anything in its lang attribute
  }
}
