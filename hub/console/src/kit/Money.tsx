/** An amount, kept left to right in any text. */

import type { Money as Amount } from "../../../../chat/protocol";
import { amount } from "../money";

export function Money({ money }: { money: Amount }) {
  return (
    <bdi class="num" title={`${money.text} ${money.currency}`}>
      {amount(money)}
    </bdi>
  );
}
