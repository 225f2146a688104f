import { afterEach, describe, expect, it, vi } from "vitest";
import { tabLock } from "../../src/io/tab-lock";

afterEach(() => vi.unstubAllGlobals());

/** The part of the browser's lock manager that is used: exclusive locks, stealing, giving up. */
class FakeLocks {
  private held = new Map<string, { lost: (error: Error) => void; done: Promise<unknown> }>();

  async request(name: string, options: LockOptions, hold: () => Promise<void>): Promise<void> {
    const before = this.held.get(name);
    if (before !== undefined && options.steal === true) before.lost(new DOMException("stolen", "AbortError"));
    else if (before !== undefined) {
      const tired = new Promise((_, reject) => (options.signal!.onabort = () => reject(new Error("tired"))));
      await Promise.race([before.done, tired]);
    }
    const done = hold();
    await new Promise<void>((resolve, lost) => {
      this.held.set(name, { lost, done });
      void done.then(resolve);
    });
  }
}

describe.each([
  ["with the browser's locks", () => ({ locks: new FakeLocks() })],
  ["where there are none", () => ({})],
])("a tab lock %s", (_, navigator) => {
  it("is held by one tab, until another takes it over", async () => {
    vi.stubGlobal("navigator", navigator());
    const stolen = vi.fn();
    const first = tabLock("a1", stolen);
    const second = tabLock("a1", () => undefined);
    expect(await first.acquire(false)).toBe(true);
    expect(await second.acquire(false)).toBe(false);
    expect(stolen).not.toHaveBeenCalled();
    expect(await second.acquire(true)).toBe(true);
    await vi.waitFor(() => expect(stolen).toHaveBeenCalledOnce());
    expect(await first.acquire(false)).toBe(false);
  });

  it("does not concern another attempt", async () => {
    vi.stubGlobal("navigator", navigator());
    await tabLock("a3", () => undefined).acquire(false);
    expect(await tabLock("a4", () => undefined).acquire(false)).toBe(true);
  });
});
