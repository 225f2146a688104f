/** A local time that moves: what shows a clock reads it. */

import { device } from "../io/device";

const STEP_MS = 250;

export class Ticker {
  local = $state(device.local());

  constructor() {
    $effect(() => {
      const timer = setInterval(() => (this.local = device.local()), STEP_MS);
      return () => clearInterval(timer);
    });
  }
}
