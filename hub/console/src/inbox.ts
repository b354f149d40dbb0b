/** The inbox: rows in pages from the hub, kept true by the events of the socket. */

import { computed, signal } from "@preact/signals";
import type { Customer, HubEvent, InboxRow, Record as ShopRecord } from "../../../chat/protocol";
import { get, words } from "./http";
import type { Filter } from "./router";
import { afterEvent, type Counts, lastMoved, NO_COUNTS, recount, type Rows, shown, waiting } from "./rows";

interface Page {
  items: InboxRow[];
  next: string | null;
  counts: Counts;
}

/** What `GET /console/api/conversations/{id}` answers. */
export interface Detail {
  row: InboxRow;
  visitor?: string;
  customer: Customer;
  records: ShopRecord[];
  earlier: InboxRow[];
  page: { url: string; title: string; at: string } | null;
}

interface View {
  filter: Filter;
  state: "loading" | "ready" | "failed";
  problem: string;
  next: string | null; // where the next page starts
  horizon: string | null; // older than this is not loaded yet
  found: readonly string[]; // what a search found: only the hub can search
}

const START: View = {
  filter: { tab: "mine", status: "open", q: "" },
  state: "loading",
  problem: "",
  next: null,
  horizon: null,
  found: [],
};

/** What the number on the rail counts, whatever the list shows. */
const WAITING: Filter = { tab: "all", status: "open", q: "" };

const SOON = 400; // many events within this time are answered by one request

export class Inbox {
  readonly rows = signal<Rows>(new Map());
  readonly counts = signal<Counts>(NO_COUNTS);
  readonly view = signal<View>(START);
  readonly adding = signal(false); // an older page is on its way

  readonly list = computed<InboxRow[]>(() => {
    const { filter, horizon, found } = this.view.value;
    const rows = this.rows.value;
    if (filter.q) return found.flatMap((id) => rows.get(id) ?? []);
    return shown(rows, filter, this.me, horizon);
  });

  readonly waiting = computed<number>(() => waiting(this.rows.value, this.me));

  private asked = 0; // the newest request; an older one's answer is not for this view
  private soon: ReturnType<typeof setTimeout> | undefined;
  private readonly fetching = new Set<string>();

  constructor(private readonly me: string) {}

  async load(filter: Filter): Promise<void> {
    this.view.value = { ...START, filter };
    const turn = (this.asked += 1);
    try {
      const page = await this.page(filter);
      if (turn === this.asked) this.show(page);
    } catch (error) {
      if (turn === this.asked) this.view.value = { ...START, filter, state: "failed", problem: words(error) };
    }
  }

  retry(): void {
    void this.load(this.view.value.filter);
  }

  async more(): Promise<void> {
    const { filter, next, found } = this.view.value;
    if (!next || this.adding.value) return;
    const turn = this.asked;
    this.adding.value = true;
    try {
      const page = await this.page(filter, next);
      if (turn === this.asked) this.show(page, found);
    } catch (error) {
      this.view.value = { ...this.view.value, problem: words(error) };
    } finally {
      this.adding.value = false;
    }
  }

  /** After a gap in what we heard: everything anew, but for the row that is open. No blank screen meanwhile. */
  async refresh(open: string | null): Promise<void> {
    const turn = (this.asked += 1);
    const { filter } = this.view.value;
    const [page, waits] = await Promise.all([this.page(filter), this.page(WAITING)]);
    if (turn !== this.asked) return;
    const kept = [...this.rows.value].filter(([id]) => id === open);
    this.rows.value = new Map(kept);
    this.put(waits.items);
    this.show(page);
  }

  hear(event: HubEvent): void {
    if (!("conversation" in event)) {
      if (event.type === "VisitorIdentified" || event.type === "CustomerChanged") this.lookSoon();
      return;
    }
    const before = this.rows.value.get(event.conversation);
    if (!before) {
      void this.fetch(event.conversation);
      this.lookSoon();
      return;
    }
    this.change(before, afterEvent(before, event));
  }

  /** The agent has the conversation before their eyes: not unread any more, whatever the hub says later. */
  read(conversation: string): void {
    const row = this.rows.value.get(conversation);
    if (row?.unread) this.change(row, { ...row, unread: 0, agent_read_seq: row.last_seq });
  }

  put(rows: readonly InboxRow[]): void {
    if (rows.length === 0) return;
    const all = new Map(this.rows.value);
    for (const row of rows) all.set(row.id, row);
    this.rows.value = all;
  }

  private change(before: InboxRow, after: InboxRow): void {
    if (after === before) return;
    this.put([after]);
    this.counts.value = recount(this.counts.value, before, after, this.view.value.filter, this.me);
  }

  private async fetch(conversation: string): Promise<void> {
    if (this.fetching.has(conversation)) return;
    this.fetching.add(conversation);
    try {
      const detail = await get<Detail>(`/console/api/conversations/${encodeURIComponent(conversation)}`);
      this.put([detail.row]);
    } catch {
      // the page we ask for soon brings it, if it is to be seen
    } finally {
      this.fetching.delete(conversation);
    }
  }

  /** The newest page again, because an event was about something we do not know. */
  private lookSoon(): void {
    this.soon ??= setTimeout(() => void this.look().catch(() => undefined), SOON);
  }

  private async look(): Promise<void> {
    this.soon = undefined;
    const turn = this.asked;
    const page = await this.page(this.view.value.filter);
    this.put(page.items);
    if (turn === this.asked) this.counts.value = page.counts;
  }

  private page(filter: Filter, before?: string): Promise<Page> {
    const query = new URLSearchParams({ tab: filter.tab, status: filter.status });
    if (filter.q) query.set("q", filter.q);
    if (before) query.set("before", before);
    return get<Page>(`/console/api/conversations?${query}`);
  }

  private show(page: Page, found: readonly string[] = []): void {
    this.put(page.items);
    this.counts.value = page.counts;
    const last = page.items.at(-1);
    this.view.value = {
      ...this.view.value,
      state: "ready",
      problem: "",
      next: page.next,
      horizon: page.next && last ? lastMoved(last) : null,
      found: [...found, ...page.items.map((row) => row.id)],
    };
  }
}
