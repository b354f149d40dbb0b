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

/** A connector we have never met is named by its own name. */
export function source(key: string): Source {
  const known = KNOWN[key.replace(/-/g, "_").toLowerCase()];
  if (known || !key) return known ?? BROWSER;
  return { name: key, letter: key.charAt(0).toUpperCase(), look: "" };
}
