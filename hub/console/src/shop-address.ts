/** What a merchant types or pastes for their shop's address, made into the address the shop has. */

interface Habit {
  suffix: string; // a bare name means name + suffix
  admin: RegExp; // the address of the shop's admin, with the name in it
}

const HABITS: { readonly [connector: string]: Habit } = {
  shopify: { suffix: ".myshopify.com", admin: /^admin\.shopify\.com\/store\/([a-z0-9-]+)/ },
};

// What WordPress serves itself; whoever copies such an address means the shop above it.
const INSIDE = /\/(?:wp-admin|wp-login\.php|wp-json|wc-auth|index\.php)(?:\/.*)?$/;
const LOCAL = /^(?:localhost|\d+(?:\.\d+){3})(?::\d+)?$/;

const NAME = /^[a-z0-9][a-z0-9-]*$/;
const HOST = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::\d+)?$/;

/** The shop's host, or null when nothing in `typed` can be one. The hub decides; this is for the eye. */
export function shopAddress(connector: string, typed: string): string | null {
  if (!HABITS[connector]) return siteAddress(typed);
  const text = typed.trim().toLowerCase().replace(/^[a-z]+:\/\//, "").replace(/^[^/@]*@/, "");
  const habit = HABITS[connector];
  const inAdmin = habit?.admin.exec(text)?.[1];
  if (habit && inAdmin) return inAdmin + habit.suffix;
  const host = text.split(/[/?#]/)[0]!.replace(/\.$/, "");
  if (habit && NAME.test(host)) return host + habit.suffix;
  if (!HOST.test(host)) return null;
  return habit && !host.endsWith(habit.suffix) ? null : host;
}

/** A site of one's own: its path is part of its name, and so is http where it has nothing better. */
function siteAddress(typed: string): string | null {
  const plain = typed.trim().replace(/[?#].*$/, "");
  const [, scheme, rest] = /^(?:(https?):\/\/)?([^@]*)$/i.exec(plain) ?? [];
  if (!rest || rest.includes("://")) return null;
  const [first, ...folders] = rest.replace(/\/+$/, "").split("/");
  const host = first!.toLowerCase();
  const path = folders.length ? `/${folders.join("/")}`.replace(INSIDE, "") : "";
  if (!HOST.test(host) && !LOCAL.test(host)) return null;
  return (scheme?.toLowerCase() === "http" ? "http://" : "") + host + path;
}

/** Why it is none, in the words of whoever typed it. */
export function whyNone(connector: string, typed: string): string {
  if (!typed.trim()) return "Type your shop’s address.";
  const suffix = HABITS[connector]?.suffix;
  if (suffix && /\./.test(typed)) return `It ends in ${suffix}. You find it in the shop’s admin under Settings → Domains.`;
  return "That is not a shop’s address.";
}
