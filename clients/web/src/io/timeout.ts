import type { Device } from "./device";

/** Gives up work that takes longer than `ms`. (`AbortSignal.timeout` is missing in Safari before version 16.) */
export async function withTimeout<T>(
  device: Pick<Device, "after">,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const control = new AbortController();
  const cancel = device.after(ms, () => control.abort());
  try {
    return await work(control.signal);
  } finally {
    cancel();
  }
}
