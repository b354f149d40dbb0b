/** Where a fact or a customer comes from, as a name and a letter. */

export interface Source {
  name: string;
  letter: string; // empty: drawn as a glyph
  look: "s" | "w" | "d" | "b" | "";
}

const BROWSER: Source = { name: "Claimed in the browser", letter: "", look: "b" };

const KNOWN: { readonly [source: string]: Source } = {
  shopify: { name: "Shopify", letter: "S", look: "s" },
  woocommerce: { name: "WooCommerce", letter: "W", look: "w" },
  customer_data: { name: "Customer-Data API", letter: "{}", look: "d" },
  api: { name: "Customer-Data API", letter: "{}", look: "d" },
  agent: { name: "Written by an agent", letter: "A", look: "" },
  browser: BROWSER,
};

/** By a connector's name or "name:shop". One we have never met is named by its own name. */
export function source(key: string): Source {
  const [connector, shop] = split(key);
  const known = KNOWN[connector.replace(/-/g, "_").toLowerCase()];
  const found = known ?? (key ? { name: connector, letter: connector.charAt(0).toUpperCase(), look: "" as const } : BROWSER);
  return shop ? { ...found, name: `${found.name}, ${shop}` } : found;
}

function split(key: string): [string, string] {
  const colon = key.indexOf(":");
  return colon < 0 ? [key, ""] : [key.slice(0, colon), key.slice(colon + 1)];
}
