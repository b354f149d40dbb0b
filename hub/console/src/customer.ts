/** Who is writing: the customer's facts and records beside a conversation, live. */

import { signal } from "@preact/signals";
import type { HubEvent, Record as ShopRecord, StatusChange, VisitorPage } from "../../../chat/protocol";
import { get, words } from "./http";
import type { Detail, Inbox } from "./inbox";

type Showing =
  | { state: "loading" }
  | { state: "failed"; problem: string }
  | { state: "ready"; detail: Detail };

const SOON = 300;

export class CustomerPanel {
  readonly showing = signal<Showing>({ state: "loading" });
  /** Records that arrived while one was looking. */
  readonly fresh = signal<ReadonlySet<string>>(new Set());

  private conversation: string | null = null;
  private soon: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly inbox: Inbox) {}

  open(conversation: string | null): void {
    if (conversation === this.conversation) return;
    this.conversation = conversation;
    this.showing.value = { state: "loading" };
    this.fresh.value = new Set();
    if (conversation) void this.load();
  }

  async load(): Promise<void> {
    const { conversation } = this;
    if (!conversation) return;
    try {
      const detail = await get<Detail>(`/console/api/conversations/${encodeURIComponent(conversation)}`);
      if (conversation !== this.conversation) return;
      this.showing.value = { state: "ready", detail };
      this.inbox.put([detail.row]);
    } catch (error) {
      if (conversation !== this.conversation) return;
      if (this.showing.value.state !== "ready") this.showing.value = { state: "failed", problem: words(error) };
    }
  }

  hear(event: HubEvent): void {
    const detail = this.detail();
    if (!detail) return;
    switch (event.type) {
      case "RecordChanged":
        if (event.customer !== null && event.customer === detail.customer.id) this.record(event.record);
        return;
      case "RecordRemoved":
        return this.change({ records: detail.records.filter((record) => record.id !== event.id) });
      case "CustomerChanged":
        if (event.customer === detail.customer.id) this.loadSoon();
        return;
      case "VisitorIdentified":
        if (event.visitor === detail.visitor || !detail.visitor) this.loadSoon();
    }
  }

  visited(page: VisitorPage): void {
    if (page.visitor === this.detail()?.visitor) this.change({ page });
  }

  private record(record: ShopRecord): void {
    const records = this.detail()?.records ?? [];
    const others = records.filter((known) => known.id !== record.id);
    this.change({ records: [record, ...others].sort(byTime) });
    this.fresh.value = new Set([...this.fresh.value, record.id]);
  }

  private change(change: Partial<Detail>): void {
    const detail = this.detail();
    if (detail) this.showing.value = { state: "ready", detail: { ...detail, ...change } };
  }

  private detail(): Detail | null {
    const showing = this.showing.value;
    return showing.state === "ready" ? showing.detail : null;
  }

  private loadSoon(): void {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => void this.load(), SOON);
  }
}

export const history = async (record: string): Promise<StatusChange[]> =>
  (await get<{ items: StatusChange[] }>(`/console/api/records/${encodeURIComponent(record)}/history`)).items;

const byTime = (one: ShopRecord, other: ShopRecord): number =>
  Date.parse(other.occurred_at) - Date.parse(one.occurred_at);
