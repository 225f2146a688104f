/**
 * One tab of this browser holds an attempt: two would give the same numbers to different operations. A tab that asks while
 * another holds it is told so, and may take it over. A tab that is closed gives it back by that, and so does one that the
 * browser freezes for the way back to it. Where the browser has no locks (the page is not served securely, or cookies are
 * blocked), the tabs talk over a channel; where it has no channel either, each tab works as if it were the only one.
 */

import { device } from "./device";
import { withTimeout } from "./timeout";

export interface TabLock {
  /** Resolves to true when this tab holds the attempt; with `steal` it takes it from whoever holds it. */
  acquire(steal: boolean): Promise<boolean>;
  /** Gives it back: the page may be frozen from here on. */
  release(): void;
}

/** A reloaded page may ask before its old self has quite gone. */
const PATIENCE_MS = 800;

class LockManagerLock implements TabLock {
  private free: (() => void) | null = null;
  private other: TabLock | null = null;

  constructor(
    private readonly locks: LockManager,
    private readonly name: string,
    private readonly stolen: () => void,
    /** What to do where the browser forbids its locks. */
    private readonly instead: () => TabLock,
  ) {}

  async acquire(steal: boolean): Promise<boolean> {
    return steal ? this.request({ steal }) : withTimeout(device, PATIENCE_MS, (signal) => this.request({ signal }));
  }

  release(): void {
    this.free?.();
    this.free = null;
    this.other?.release();
  }

  private request(options: LockOptions): Promise<boolean> {
    if (this.free !== null && options.steal !== true) return Promise.resolve(true);
    return new Promise((resolve) => {
      let held = false;
      const hold = (): Promise<void> => {
        held = true;
        resolve(true);
        return new Promise((free) => (this.free = free));
      };
      this.locks.request(this.name, options, hold).catch((error: unknown) => {
        if (held) {
          this.free = null;
          this.stolen();
        } else if (nameOf(error) === "AbortError") resolve(false);
        else resolve((this.other ??= this.instead()).acquire(options.steal ?? false));
      });
    });
  }
}

/** A browser may throw what is no `Error`. */
function nameOf(error: unknown): string {
  return typeof error === "object" && error !== null && "name" in error ? String(error.name) : "";
}

/** Nobody can be asked. */
class NoLock implements TabLock {
  acquire(): Promise<boolean> {
    return Promise.resolve(true);
  }

  release(): void {}
}

class ChannelLock implements TabLock {
  private readonly channel: BroadcastChannel;
  private holds = false;

  constructor(
    name: string,
    private readonly stolen: () => void,
  ) {
    this.channel = new BroadcastChannel(name);
    this.channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (!this.holds) return;
      if (data === "anybody?") this.channel.postMessage("taken");
      if (data === "mine") {
        this.holds = false;
        this.stolen();
      }
    });
  }

  async acquire(steal: boolean): Promise<boolean> {
    const free = steal || (await this.isFree());
    if (free) {
      this.channel.postMessage("mine");
      this.holds = true;
    }
    return free;
  }

  release(): void {
    this.holds = false;
  }

  private isFree(): Promise<boolean> {
    return new Promise((resolve) => {
      const answer = ({ data }: MessageEvent<unknown>): void => {
        if (data === "taken") resolve(false);
      };
      this.channel.addEventListener("message", answer);
      this.channel.postMessage("anybody?");
      setTimeout(() => {
        this.channel.removeEventListener("message", answer);
        resolve(true);
      }, 200);
    });
  }
}

export function tabLock(attempt_id: string, stolen: () => void): TabLock {
  const name = `pencilsdown ${attempt_id}`;
  const channel = (): TabLock => {
    try {
      return new ChannelLock(name, stolen);
    } catch (error) {
      console.warn("other tabs of this browser can't be asked", error);
      return new NoLock();
    }
  };
  // `locks` is missing on pages that are not served securely, whatever the types say.
  const locks = (navigator as Partial<Navigator>).locks;
  return locks === undefined ? channel() : new LockManagerLock(locks, name, stolen, channel);
}
