/** The previewed page: the widget's band and sheet around an article, drawn by the widget's own rules. */

import type { Appearance, ProductCard } from "../../../../../chat/protocol";
import { article as drawn } from "../../../../../widget/src/app/help/markup";
import { webAddress } from "../../address";
import type { Locale, Preview } from "../../articles";
import { Icon } from "../../kit/Icon";
import { amount } from "../../money";

export interface Shown {
  title: string;
  collection: string;
  facts: string;
  locale: Locale;
  made: Preview;
}

export function Sheet({ title, collection, facts, locale, made }: Shown) {
  const dir = locale === "ar" ? "rtl" : "ltr";
  return (
    <section class="pw" dir={dir} lang={locale}>
      <header class="band">
        <div class="band-row">
          <span class="ib">
            <Icon name="left" size={20} flip />
          </span>
          <p class="title mid">{collection}</p>
          <span class="ib">
            <Icon name="x" size={20} />
          </span>
        </div>
      </header>
      <div class="sheet">
        <div class="scroll" tabIndex={0}>
          <article class="article">
            <h1>{title || "…"}</h1>
            <p class="s" dir="ltr">
              {facts}
            </p>
            <div class="text">{words(made)}</div>
          </article>
        </div>
      </div>
    </section>
  );
}

/** As the widget does it: nothing of the hub's markup is believed, a product stands in its place. */
function words({ html, products }: Preview) {
  return drawn(html, {
    product: (id) => {
      const card = products.find((one) => one.id === id);
      return card ? <Product card={card} /> : null;
    },
    own: () => null,
    open: () => undefined,
    newTab: "opens in a new tab",
  });
}

function Product({ card }: { card: ProductCard }) {
  const picture = webAddress(card.image_url);
  return (
    <div class="p-card card flat">
      {picture ? (
        <img class="prod" src={picture} alt="" referrerpolicy="no-referrer" />
      ) : (
        <span class="prod none">
          <Icon name="bag" size={24} />
        </span>
      )}
      <span class="b">
        <span class="t">{card.title}</span>
        <span class="pr">{card.price && <bdi>{amount(card.price)}</bdi>}</span>
      </span>
      <span class="go">
        <Icon name="link" />
      </span>
    </div>
  );
}

/** The workspace's own colours, as the widget computes them from its looks. */
export function paint(page: Document, look: Appearance): void {
  const { body } = page;
  body.dataset.brand = "";
  body.style.setProperty("--brand", look.primary_color);
  body.style.setProperty("--brand-fill", look.fill);
  body.style.setProperty("--on-brand", look.on_primary);
}
