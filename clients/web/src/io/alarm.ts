/** The page's one timer. */

import type { Device } from "./device";

export class Alarm {
  private cancel: (() => void) | null = null;

  constructor(
    private readonly device: Pick<Device, "local" | "after">,
    private readonly ring: () => void,
  ) {}

  /** Rings once, at the first of these local times; null: this one never comes. */
  set(...times: (number | null)[]): void {
    this.stop();
    const first = Math.min(...times.map((time) => time ?? Infinity));
    if (first === Infinity) return;
    this.cancel = this.device.after(first - this.device.local(), () => {
      this.cancel = null;
      this.ring();
    });
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }
}
