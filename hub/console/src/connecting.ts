/** Connecting a shop: what one may switch on, what its storefront needs, and what can go wrong, by connector. */

import type { Connector } from "./shops";

export interface Switch {
  scope: string;
  label: string;
  access: string;
}

interface Habits {
  switches: readonly Switch[]; // permissions that are asked for only where the merchant wants them
  storefront: { title: string; hint: string; how: string; button: string } | null;
}

const NONE: Habits = { switches: [], storefront: null };

const HABITS: { readonly [connector: string]: Habits } = {
  shopify: {
    switches: [
      { scope: "write_orders", label: "Cancel and refund orders", access: "write" },
      { scope: "read_all_orders", label: "Orders older than 60 days", access: "read" },
    ],
    storefront: {
      title: "Switch the widget on in the theme",
      hint: "one Save in the theme editor",
      how: "The theme editor opens with Parley switched on. Press Save there, then look at your shop.",
      button: "Open the theme editor",
    },
  },
};

export const habits = (connector: string): Habits => HABITS[connector] ?? NONE;

export interface Trouble {
  code: string;
  title: string;
  what: string;
  fix: string;
}

/** What may go wrong, in the order it may; codes are those the hub sends people back with. */
export function troubles(shop: string): readonly Trouble[] {
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
    {
      code: "shop_taken",
      title: "This shop belongs to another workspace",
      what: "A shop answers in one workspace at a time. Another one on this hub has it.",
      fix: "ask its admin to disconnect it under Settings → Integrations, then connect it here.",
    },
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
