/** Amounts as the reader writes them, in the currency's own digits: ¥12,400 and KWD 214.750. */

import type { Money } from "../../../chat/protocol";
import { LOCALE } from "./locale";

/** The hub's exact decimal is formatted as it is: no float in between, no digit gained or lost. */
export function amount(money: Money): string {
  const digits = money.text.split(".")[1]?.length ?? 0;
  try {
    return new Intl.NumberFormat(LOCALE, {
      style: "currency",
      currency: money.currency,
      currencyDisplay: "narrowSymbol",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(money.text as Intl.StringNumericLiteral);
  } catch {
    return `${money.text} ${money.currency}`; // a code Intl does not take, such as "POINTS"
  }
}
