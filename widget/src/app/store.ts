/** What the widget remembers between pages: in the frame's own storage, under the widget's id. */

/** In memory where a browser gives a frame no storage: then a reload forgets. */
function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

export class Store {
  private readonly prefix: string;
  private readonly memory = new Map<string, string>();

  constructor(
    widget: string,
    private readonly disk: Storage | null = storage(),
  ) {
    this.prefix = `parley:${widget}:`;
  }

  /** Whether the next page will find what is written here: some browsers give a foreign frame no storage. */
  get lasts(): boolean {
    return this.disk !== null;
  }

  read<T>(key: string): T | null {
    try {
      const text = this.memory.get(key) ?? this.disk?.getItem(this.prefix + key);
      return text == null ? null : (JSON.parse(text) as T);
    } catch {
      return null;
    }
  }

  write(key: string, value: unknown): void {
    const text = JSON.stringify(value);
    try {
      this.disk!.setItem(this.prefix + key, text);
    } catch {
      this.memory.set(key, text); // full, or not there
    }
  }

  remove(key: string): void {
    this.memory.delete(key);
    this.disk?.removeItem(this.prefix + key);
  }

  /** The keys that begin with `start`. */
  keys(start = ""): string[] {
    const onDisk = Object.keys(this.disk ?? {})
      .filter((key) => key.startsWith(this.prefix))
      .map((key) => key.slice(this.prefix.length));
    return [...new Set([...onDisk, ...this.memory.keys()])].filter((key) => key.startsWith(start));
  }

  clear(): void {
    for (const key of this.keys()) this.remove(key);
  }

  /** Another tab of the same shop changed `key`. */
  watch(key: string, changed: () => void): void {
    window.addEventListener("storage", (event) => {
      if (event.storageArea === this.disk && (event.key === null || event.key === this.prefix + key)) changed();
    });
  }
}
