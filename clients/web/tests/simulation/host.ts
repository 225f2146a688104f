/**
 * Runs pages for the simulation: one step comes over the pipe, all that follows from it goes back. The whole time of this
 * process is the simulation's: a page has the turn until nothing of it is left to do at that instant.
 */

import { CandidateSeat, type Opening } from "./candidate-seat";
import { MonitorSeat } from "./monitor-seat";
import { Browser, chance, SimulatedDevice } from "./outside";
import { readFrame, writeFrame } from "./pipe";
import type { Out, Seat } from "./seat";

/** Which page, its clock, how far its wall clock is off, what happens, and with what. */
type Step = [seat: string, now: number, wrong_ms: number, what: string, values: unknown[]];

/** Timers that may ring at one instant before somebody is running in circles. */
const MOST_RINGS = 1_000;

const seats = new Map<string, Seat>();
const browsers = new Map<string, Browser>();
let random = chance(1);

globalThis.crypto.getRandomValues = ((bytes: Uint8Array) => {
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Math.floor(random() * 256);
  return bytes;
}) as typeof crypto.getRandomValues;
// What a page warns of goes to standard error, which the simulation does not read.
console.warn = () => undefined;

function open(what: string, now: number, wrong_ms: number, values: unknown[]): Seat {
  const [seed, ...more] = values as [number, ...unknown[]];
  const device = new SimulatedDevice(chance(seed));
  Object.assign(device, { now, wrong_ms });
  if (what === "monitor") return new MonitorSeat(more[0] as string, more[1] as string, device);
  const browser = browsers.get(more[1] as string) ?? new Browser();
  browsers.set(more[1] as string, browser);
  return new CandidateSeat(more[0] as Opening, device, browser);
}

function happen(seat: Seat, what: string, values: unknown[]): void {
  const { net, device } = seat;
  switch (what) {
    case "opened":
      return net.opened(values[0] as number);
    case "message":
      return net.message(values[0] as number, values[1] as Uint8Array);
    case "closed":
      return net.closed(values[0] as number, values[1] as number, values[2] as string);
    case "reply":
      return net.reply(values[0] as number, values[1] as number, values[2] as string, values[3] as string | null);
    case "act":
      return seat.act(values[0] as string, values.slice(1));
    case "ring":
      device.ring();
      return;
    case "stop":
      return seat.stop(values[0] as boolean);
    default:
      throw new RangeError(what);
  }
}

/** Everything that waits for a promise has had its turn. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function step([name, now, wrong_ms, what, values]: Step): Promise<[Out[], number | null]> {
  if (what === "reset") {
    seats.clear();
    browsers.clear();
    random = chance(values[0] as number);
    return [[], null];
  }
  if (what === "cpu") {
    const { user, system } = process.cpuUsage();
    return [[["cpu", user + system]], null];
  }
  let seat = seats.get(name);
  if (seat === undefined) {
    seat = open(what, now, wrong_ms, values);
    seats.set(name, seat);
  } else {
    Object.assign(seat.device, { now, wrong_ms });
    happen(seat, what, values);
  }
  await turn();
  for (let rings = 0; seat.device.ring(); rings += 1) {
    if (rings > MOST_RINGS) throw new Error(`its timers ring again and again: ${JSON.stringify(seat.report())}`);
    await turn();
  }
  if (what === "stop") seats.delete(name);
  const out = [...seat.net.out.splice(0), ...seat.report()];
  return [out, what === "stop" ? null : seat.device.next()];
}

for (let frame = readFrame(); frame !== null; frame = readFrame()) {
  try {
    writeFrame([true, ...(await step(frame as Step))]);
  } catch (error) {
    writeFrame([false, error instanceof Error ? (error.stack ?? error.message) : String(error), null]);
  }
}
