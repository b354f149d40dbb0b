/** Connecting a shop: what one may switch on, what its storefront needs, and what can go wrong, by connector. */

import type { Connector } from "./shops";

export interface Switch {
  scope: string;
  label: string;
  access: string;
}

interface Habits {
  switches: readonly Switch[]; // permissions that are asked for only where the merchant wants them
  storefront: { title: string; hint: string; how: readonly string[]; editor: string } | null; // editor: of the theme
  types: string; // what one may type for the shop's address
  asks: string; // what happens in the shop
  own: string; // in place of an approval
  withOwn: string;
  leaves: string; // what becomes of the keys when the shop is disconnected
}

const NONE: Habits = {
  switches: [],
  storefront: null,
  types: "The address your shop’s visitors see.",
  asks: "The shop asks its administrator to let Parley in. It shows this list; nothing more is read.",
  own: "I have keys",
  withOwn: "Connect with keys",
  leaves: "Its keys are forgotten here; revoke them in the shop, too.",
};

const HABITS: { readonly [connector: string]: Habits } = {
  shopify: {
    switches: [
      { scope: "write_orders", label: "Cancel and refund orders", access: "write" },
      { scope: "read_all_orders", label: "Orders older than 60 days", access: "read" },
    ],
    storefront: {
      title: "Switch the widget on in the theme",
      hint: "one Save in the theme editor",
      how: ["The theme editor opens with Parley switched on. Press Save there, then look at your shop."],
      editor: "Open the theme editor",
    },
    types: "The name, the address, or a link from the shop’s admin: all three will do.",
    asks: "Shopify asks you to install Parley. It shows this list; nothing more is read.",
    own: "I have my own app",
    withOwn: "Connect with my app",
    leaves: "Its keys are forgotten here and the app is uninstalled there; an app of your own stays.",
  },
  woocommerce: {
    ...NONE,
    storefront: {
      title: "Put the chat on the shop’s pages",
      hint: "the WordPress plugin, or one line",
      how: [
        "With the plugin, which also tells who is logged in: whoever runs this server makes parley.zip with “hub woocommerce plugin”. In WordPress open Plugins, Add New, Upload Plugin, activate it, and type this hub’s address and the app id under Settings, Parley.",
        "Or paste the line into the theme’s header.php; in a block theme, which has none, into a plugin for header scripts. Then look at your shop.",
      ],
      editor: "",
    },
  },
};

/** The host of a shop's name, which may end with a port and a folder: "shop.example:8080/store". */
export const hostOf = (shop: string): string => shop.replace(/[:/].*$/, "").toLowerCase();

export const habits = (connector: string): Habits => HABITS[connector] ?? NONE;

export interface Trouble {
  code: string;
  title: string;
  what: string;
  fix: string;
}

const TAKEN: Trouble = {
  code: "shop_taken",
  title: "This shop belongs to another workspace",
  what: "A shop answers in one workspace at a time. Another one on this hub has it.",
  fix: "ask its admin to disconnect it under Settings → Integrations, then connect it here.",
};

const OF_SITES: readonly Trouble[] = [
  {
    code: "plain_permalinks",
    title: "The shop’s API answers with its home page",
    what: "WordPress uses plain permalinks, so no program can reach it. Visitors do not notice.",
    fix: "in WordPress open Settings, Permalinks, choose Post name and save. Old links keep working.",
  },
  {
    code: "proxy_https",
    title: "The keys are right, but the shop says no",
    what: "A proxy before the shop ends the encryption and WordPress is not told. It then answers 401 to every key.",
    fix: "have whoever runs the server tell PHP of HTTPS. The line for wp-config.php is in the guide.",
  },
  {
    code: "unknown_key",
    title: "The shop does not know the key",
    what: "It was deleted, belongs to another shop, or was not copied whole.",
    fix: "make a new one: WooCommerce, Settings, Advanced, REST API, Add key, Read/Write.",
  },
  {
    code: "wrong_secret",
    title: "The secret is not this key’s",
    what: "The shop knows the key and refuses the secret. WooCommerce shows a secret only once.",
    fix: "make a new key and paste both parts of it.",
  },
  {
    code: "read_only",
    title: "The key may only read",
    what: "Webhooks and coupons need a key that may write, too.",
    fix: "in WooCommerce, Settings, Advanced, REST API, give the key Read/Write.",
  },
  {
    code: "wrong_host",
    title: "The shop calls itself by another name",
    what: "With www or without, for example. Its signatures hold for its own name only.",
    fix: "type the address exactly as WordPress has it under Settings, General.",
  },
  {
    code: "redirect",
    title: "The address leads somewhere else",
    what: "The shop sends visitors on, for example from http to https. Keys are not sent after it.",
    fix: "type the address that your browser ends at.",
  },
  {
    code: "clock",
    title: "The clocks differ",
    what: "A shop without https refuses requests when its clock is more than 15 minutes from ours.",
    fix: "have the server’s clock set; servers do it by NTP.",
  },
  {
    code: "blocked",
    title: "A security plugin blocks us",
    what: "It answers 403 or shows a puzzle, which only people can solve.",
    fix: "allow the user agent Parley for /wp-json/ in the plugin, or at your host.",
  },
  {
    code: "unreachable",
    title: "The shop cannot be reached",
    what: "It is down, its certificate is not valid, or a firewall or a closed port keeps us out.",
    fix: "open the shop in a browser. If that works, ask your host to let this server in.",
  },
  {
    code: "maintenance",
    title: "The shop is in maintenance",
    what: "WordPress answers 503 while it updates itself. It takes a minute.",
    fix: "try again when the shop shows its pages.",
  },
  {
    code: "no_callback",
    title: "The approval page did not come back",
    what: "The shop hands its keys over by https, to a public address at port 80, 443 or 8080. It could not reach this hub.",
    fix: "paste a consumer key and secret instead.",
  },
  {
    code: "denied",
    title: "You came back without approving",
    what: "The shop sent us “denied”, or the approval was begun in another window. Nothing was connected.",
    fix: "go to the shop again and choose Approve.",
  },
  {
    code: "expired",
    title: "The approval took too long",
    what: "The window stayed open longer than ten minutes, or it was used twice. Nothing was connected.",
    fix: "go to the shop again. It takes a minute.",
  },
  TAKEN,
];

/** What may go wrong, in the order it may; codes are those the hub sends people back with. */
export function troubles(shop: string, connector = "shopify"): readonly Trouble[] {
  if (connector !== "shopify") return OF_SITES;
  return [
    {
      code: "cancelled",
      title: "You came back without approving",
      what: `${shop} sent us “cancelled”, or the approval was begun in another window. Nothing was connected.`,
      fix: `press Go to ${shop} again and choose Install.`,
    },
    {
      code: "expired",
      title: "The approval took too long",
      what: "The window stayed open longer than an approval holds, or it was used twice. Nothing was connected.",
      fix: `press Go to ${shop} again. It takes a minute.`,
    },
    {
      code: "staff_denied",
      title: "“You do not have permission”",
      what: `Your ${shop} account may not install apps. Nothing is wrong with Parley.`,
      fix: "ask the store owner to open this page, or to give you “Manage and install apps”.",
    },
    TAKEN,
    {
      code: "not_found",
      title: "No shop at that address",
      what: `${shop} knows no shop of that name. It may be spelt otherwise, or closed.`,
      fix: "copy the address from the browser while you are in the shop’s admin, and paste it here.",
    },
    {
      code: "scope_missing",
      title: "One permission is missing",
      what: "The shop is connected, but it did not allow everything. This happens when the app was installed before and only updated.",
      fix: `press Approve in ${shop}. It asks for the missing permission only.`,
    },
  ];
}

const PROVIDED: readonly (readonly [string, string])[] = [
  ["products", "Products and stock"],
  ["records", "Orders, fulfilments and tracking"],
  ["customers", "Customers"],
  ["discounts", "Discounts"],
];

/** What a merchant allows: in the connector's own words, else by what it brings. */
export function allowed({ permissions, provides }: Connector): { label: string; access: string }[] {
  const said = permissions.filter(({ access }) => access !== "off");
  if (said.length > 0) return said;
  const brought = PROVIDED.filter(([name]) => provides.includes(name));
  return brought.map(([name, label]) => ({ label, access: name === "discounts" ? "read and write" : "read" }));
}

/** The scopes of one permission, as people read them: "read_fulfillments" is "Fulfillments". */
export function scopeName(scope: string): string {
  const words = scope.replace(/^(read|write)_/, "").replace(/_/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
