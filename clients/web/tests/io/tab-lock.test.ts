import { afterEach, describe, expect, it, vi } from "vitest";
import { tabLock } from "../../src/io/tab-lock";

afterEach(() => vi.unstubAllGlobals());

/** Channels of an earlier test are still open: each test has attempts of its own. */
let count = 0;
const fresh = (): string => `attempt ${(count += 1)}`;

/** The part of the browser's lock manager that is used: exclusive locks, stealing, giving up. */
class FakeLocks {
  private held = new Map<string, { lost: (error: Error) => void; done: Promise<unknown> }>();

  async request(name: string, options: LockOptions, hold: () => Promise<void>): Promise<void> {
    const before = this.held.get(name);
    if (before !== undefined && options.steal === true) before.lost(new DOMException("stolen", "AbortError"));
    else if (before !== undefined) {
      const tired = new Promise((_, reject) => (options.signal!.onabort = () => reject(options.signal!.reason)));
      await Promise.race([before.done, tired]);
    }
    const done = hold();
    await new Promise<void>((resolve, lost) => {
      this.held.set(name, { lost, done });
      void done.then(resolve);
    });
  }
}

/** As Firefox does where cookies are blocked. */
const forbidden = { request: () => Promise.reject(new DOMException("not here", "SecurityError")) };

describe.each([
  ["with the browser's locks", () => ({ locks: new FakeLocks() })],
  ["where there are none", () => ({})],
  ["where they are forbidden", () => ({ locks: forbidden })],
])("a tab lock %s", (_, navigator) => {
  it("is held by one tab, until another takes it over", async () => {
    vi.stubGlobal("navigator", navigator());
    const stolen = vi.fn();
    const attempt_id = fresh();
    const first = tabLock(attempt_id, stolen);
    const second = tabLock(attempt_id, () => undefined);
    expect(await first.acquire(false)).toBe(true);
    expect(await second.acquire(false)).toBe(false);
    expect(stolen).not.toHaveBeenCalled();
    expect(await second.acquire(true)).toBe(true);
    await vi.waitFor(() => expect(stolen).toHaveBeenCalledOnce());
    expect(await first.acquire(false)).toBe(false);
  });

  it("is free for another tab while its page is frozen", async () => {
    vi.stubGlobal("navigator", navigator());
    const attempt_id = fresh();
    const frozen = tabLock(attempt_id, () => undefined);
    const other = tabLock(attempt_id, () => undefined);
    expect(await frozen.acquire(false)).toBe(true);
    frozen.release();
    expect(await other.acquire(false)).toBe(true);
    expect(await frozen.acquire(false)).toBe(false);
  });

  it("does without what older browsers lack", async () => {
    vi.stubGlobal("navigator", navigator());
    vi.stubGlobal("AbortSignal", {});
    expect(await tabLock(fresh(), () => undefined).acquire(false)).toBe(true);
  });

  it("does not concern another attempt", async () => {
    vi.stubGlobal("navigator", navigator());
    await tabLock(fresh(), () => undefined).acquire(false);
    expect(await tabLock(fresh(), () => undefined).acquire(false)).toBe(true);
  });
});

it("holds the attempt where other tabs can't be asked at all", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  vi.stubGlobal("navigator", { locks: forbidden });
  vi.stubGlobal("BroadcastChannel", undefined);
  const lock = tabLock(fresh(), () => undefined);
  expect([await lock.acquire(false), await lock.acquire(true)]).toEqual([true, true]);
});
