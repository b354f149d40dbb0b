/** A help centre for tests: its articles, its search, and what it was asked. */

import { vi } from "vitest";
import type { ProductCard } from "../../chat/protocol";
import type { Help } from "../src/app/state";
import { moment } from "./page";

export const HOME = "https://hub.example/help/kestrel";

const link = (slug: string, title: string) => ({ slug, title, excerpt: `All about ${slug}.` });

export const CENTRE: Help & { locale: string } = {
  state: "ready",
  locale: "en",
  total: 3,
  url: HOME,
  collections: [
    { id: "col_1", name: "Orders", icon: "truck", articles: [link("arrival", "When will it arrive?"), link("address", "Change an address")] },
    { id: "col_2", name: "Care", icon: "no such picture", articles: [link("dishwasher", "Can I put it in the dishwasher?")] },
  ],
};

export const teapot: ProductCard = {
  type: "product",
  id: "prd_1",
  title: "Harbour teapot",
  price: { minor: 7400, currency: "EUR", text: "74.00" },
  url: "https://shop.example/teapot",
  image_url: "https://cdn.example/teapot.jpg",
  available: true,
};

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: any;
}

/** Answers as the hub does; a path in `down` fails. */
export class Centre {
  asked: Asked[] = [];
  down: string[] = [];
  html = "<p>Yes, on the top rack.</p>";
  locale = "en";
  held: (() => void)[] | null = null; // searches that wait to be let go, in order
  hits = [{ slug: "dishwasher", title: "Can I put it in the Dishwasher?", excerpt: "Most stoneware is dishwasher-safe.", collection: "Care" }];

  constructor() {
    vi.stubGlobal("fetch", async (address: string, options: RequestInit = {}) => {
      const { pathname, searchParams } = new URL(address, "https://hub.example");
      const path = pathname.replace("/api/v1/widget/w/help", "");
      const body = options.body ? JSON.parse(options.body as string) : null;
      this.asked.push({ method: options.method ?? "GET", path, query: searchParams, body });
      if (this.held && path === "/search") await new Promise<void>((resolve) => this.held!.push(resolve));
      const [status, answer] = this.answer(path, searchParams);
      return new Response(status === 204 ? null : JSON.stringify(answer), { status });
    });
  }

  searched(): string[] {
    return this.asked.filter(({ path }) => path === "/search").map(({ query }) => query.get("q")!);
  }

  private answer(path: string, query: URLSearchParams): [number, unknown] {
    if (this.down.includes(path)) return [503, {}];
    if (path === "") return [200, CENTRE];
    if (path === "/search") return [200, { items: this.hits.map((hit) => ({ ...hit, title: `${hit.title} ${query.get("q")}` })) }];
    if (path.endsWith("/helpful")) return [204, null];
    const slug = decodeURIComponent(path.replace("/articles/", ""));
    const known = CENTRE.collections.flatMap(({ name, articles }) => articles.map((one) => ({ ...one, name })));
    const one = known.find((each) => each.slug === slug);
    if (!one) return [404, { error: { code: "not_found", message: "There is no such article." } }];
    const { html, locale } = this;
    const facts = { html, locale, locales: [locale], collection: one.name, minutes: 2, products: [teapot] };
    return [200, { slug, title: one.title, updated_at: "2026-11-02T10:00:00Z", url: `${HOME}/${slug}`, ...facts }];
  }
}

/** Let what was asked be answered and drawn. */
export async function answered(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await moment();
}
