/** The clocks, the chance and the timer of this device, in one place, so that tests can hold them. */

export interface Device {
  /** Runs evenly; nobody can set it. Milliseconds, near the Unix epoch. */
  local(): number;
  /** What the device's wall clock shows: evidence for the log, never a decision. */
  wall(): number;
  random(): number;
  after(ms: number, call: () => void): () => void;
}

/** Longer waits overflow a browser's timer. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const device: Device = {
  local: () => Math.round(performance.timeOrigin + performance.now()),
  wall: () => Date.now(),
  random: () => Math.random(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** What `work` gives; rejects where that takes longer than `ms`. */
export function within<T>(device: Pick<Device, "after">, ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = device.after(ms, () => reject(new Error(`no answer for ${ms} ms`)));
    work.then(resolve, reject).finally(cancel);
  });
}
