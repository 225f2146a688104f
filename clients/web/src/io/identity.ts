/**
 * Who this page is among the devices of one candidate. The tab keeps it for a reload: the same page comes back as the same
 * device, and each of its tries to connect has a greater number than the one before.
 */

import type { SmallStorage } from "./browser-storage";

const DEVICE = "pencilsdown device";
const CONNECTS = "pencilsdown connects";

export class Identity {
  device: string;
  /** False: an earlier page of this tab was this device already. */
  readonly is_new: boolean;
  private last = 0;

  constructor(
    private readonly storage: SmallStorage,
    private readonly wall: () => number,
  ) {
    const known = storage.getItem(DEVICE);
    this.is_new = known === null;
    this.device = known ?? this.renew();
  }

  /** A page that was frozen is the device that its tab is by now: other pages may have been shown in it meanwhile. */
  reread(): void {
    this.device = this.storage.getItem(DEVICE) ?? this.device;
  }

  /** Another device from here on: a tab that was copied, or taken over from another one, has that one's name. */
  renew(): string {
    this.device = newId();
    this.storage.setItem(DEVICE, this.device);
    return this.device;
  }

  /** From here on this page is the device that another tab of this browser was. */
  become(device: string): void {
    this.device = device;
    this.storage.setItem(DEVICE, device);
  }

  /** The number of the next try. It rises with the clock as well: a browser may bring a tab back with an older storage. */
  next(): number {
    const stored = Number(this.storage.getItem(CONNECTS)) || 0;
    this.last = Math.max(this.last + 1, stored + 1, Math.floor(this.wall()));
    this.storage.setItem(CONNECTS, String(this.last));
    return this.last;
  }
}

/** A name that nothing else has. It works without `https` too, where `crypto.randomUUID` is missing. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
