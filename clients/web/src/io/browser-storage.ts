/**
 * The browser's small storages (`sessionStorage`, `localStorage`), where they may be used. A policy or a setting can forbid
 * them: then even naming one throws, and so may every use. What was put is remembered by the page itself as well, so that
 * the page works from its link; it only forgets it when it is closed.
 */

export interface SmallStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const PROBE = "pencilsdown probe";

export class BrowserStorage implements SmallStorage {
  private readonly memory = new Map<string, string | null>();
  private warned = false;

  constructor(private readonly storage: () => SmallStorage) {}

  getItem(key: string): string | null {
    const remembered = this.memory.get(key);
    return remembered !== undefined ? remembered : this.attempt((storage) => storage.getItem(key));
  }

  setItem(key: string, value: string): void {
    this.memory.set(key, value);
    this.attempt((storage) => storage.setItem(key, value));
  }

  removeItem(key: string): void {
    this.memory.set(key, null);
    this.attempt((storage) => storage.removeItem(key));
  }

  /** Whether what is put here outlives a reload of the page. */
  keeps(): boolean {
    const keeping = (storage: SmallStorage): boolean => {
      storage.setItem(PROBE, "1");
      storage.removeItem(PROBE);
      return true;
    };
    return this.attempt(keeping) ?? false;
  }

  private attempt<T>(use: (storage: SmallStorage) => T): T | null {
    try {
      return use(this.storage());
    } catch (error) {
      if (!this.warned) console.warn("this browser lets the page keep nothing in its small storage", error);
      this.warned = true;
      return null;
    }
  }
}
