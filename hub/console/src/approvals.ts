/** What waits for an admin's word: discounts above the limit, refunds, cancellations. */

import { computed, signal } from "@preact/signals";
import type { ActionView, DiscountView, HubEvent } from "../../../chat/protocol";
import { ledger } from "./discounts";
import { words } from "./http";
import type { Loaded } from "./loaded";
import { waitingActions } from "./orders";

export type Waiting =
  | { what: "discount"; id: string; at: string; discount: DiscountView }
  | { what: "action"; id: string; at: string; action: ActionView };

export class Approvals {
  readonly loaded = signal<Loaded<readonly Waiting[]>>({ state: "loading" });

  readonly count = computed<number>(() => {
    const now = this.loaded.value;
    return now.state === "ready" ? now.value.length : 0;
  });

  /** `wanted`: from the start, for the badge; others see what waits on its page only. */
  constructor(private wanted: boolean) {}

  /** For screens, as often as they like: asks the hub the first time only. */
  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    void this.load();
  }

  async load(): Promise<void> {
    if (!this.wanted) return;
    if (this.loaded.value.state === "failed") this.loaded.value = { state: "loading" };
    try {
      const [discounts, actions] = await Promise.all([ledger("waiting"), waitingActions()]);
      this.show([...discounts.items.map(ofDiscount), ...actions.items.map(ofAction)]);
    } catch (error) {
      if (this.loaded.value.state !== "ready") this.loaded.value = { state: "failed", problem: words(error) };
    }
  }

  hear(event: HubEvent): void {
    if (event.type === "DiscountChanged") this.discount(event.discount);
    if (event.type === "ActionChanged") this.action(event.action);
  }

  discount(view: DiscountView): void {
    this.change(view.id, view.state === "waiting" ? ofDiscount(view) : null);
  }

  action(view: ActionView): void {
    this.change(view.id, view.state === "waiting" ? ofAction(view) : null);
  }

  private change(id: string, waiting: Waiting | null): void {
    const now = this.loaded.value;
    if (now.state !== "ready") return;
    const others = now.value.filter((one) => one.id !== id);
    if (waiting || others.length < now.value.length) this.show(waiting ? [...others, waiting] : others);
  }

  /** Whoever has waited longest comes first. */
  private show(all: readonly Waiting[]): void {
    const value = [...all].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
    this.loaded.value = { state: "ready", value };
  }
}

const ofDiscount = (discount: DiscountView): Waiting => ({
  what: "discount",
  id: discount.id,
  at: discount.created_at,
  discount,
});

const ofAction = (action: ActionView): Waiting => ({ what: "action", id: action.id, at: action.created_at, action });
