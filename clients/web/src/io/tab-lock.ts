/**
 * One tab of this browser holds an attempt: two would give the same numbers to different operations. A tab that asks
 * while another holds it is told so, and may take it over; a tab that is closed gives it back by that. Where the browser has no locks (a page that is not served
 * securely), the tabs talk over a channel.
 */

export interface TabLock {
  /** Resolves to true when this tab holds the attempt; with `steal` it takes it from whoever holds it. */
  acquire(steal: boolean): Promise<boolean>;
}

/** A reloaded page may ask before its old self has quite gone. */
const PATIENCE_MS = 800;

class LockManagerLock implements TabLock {
  constructor(
    private readonly name: string,
    private readonly stolen: () => void,
  ) {}

  acquire(steal: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const options: LockOptions = steal ? { steal } : { signal: AbortSignal.timeout(PATIENCE_MS) };
      let held = false;
      const hold = (): Promise<void> => {
        held = true;
        resolve(true);
        return new Promise(() => undefined);
      };
      navigator.locks.request(this.name, options, hold).catch(() => {
        if (held) this.stolen();
        else resolve(false);
      });
    });
  }
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
  // `locks` is missing on pages that are not served securely, whatever the types say.
  const locks = (navigator as Partial<Navigator>).locks;
  return locks === undefined ? new ChannelLock(name, stolen) : new LockManagerLock(name, stolen);
}
