import { describe, expect, it } from "vitest";
import { ServerClock } from "../../src/core/clock";

/** A sample as it would be taken with this true offset, when the ways there and back take this long. */
function sample(clock: ServerClock, local: number, offset: number, there: number, back: number): void {
  clock.measure(local, local + there + offset, local + there + offset, local + there + back);
}

describe("ServerClock", () => {
  it("is the local clock until it has heard of another", () => {
    const clock = new ServerClock();
    expect(clock.known).toBe(false);
    expect(clock.now(1000)).toBe(1000);
  });

  it("finds the offset when both ways take equally long", () => {
    const clock = new ServerClock();
    sample(clock, 1000, 5_000, 30, 30);
    expect(clock.known).toBe(true);
    expect(clock.now(2000)).toBe(7000);
    expect(clock.localAt(7000)).toBe(2000);
  });

  it("does not count the time that the server took", () => {
    const clock = new ServerClock();
    clock.measure(0, 110, 510, 420);
    expect(clock.now(0)).toBe(100);
  });

  it("trusts the shortest round trip of the last few", () => {
    const clock = new ServerClock();
    sample(clock, 0, 5_000, 10, 10);
    for (let i = 1; i < 8; i += 1) sample(clock, i * 10_000, 5_000, 400, 20);
    expect(clock.now(0)).toBe(5000);
  });

  it("forgets a sample when enough newer ones are there", () => {
    const clock = new ServerClock();
    sample(clock, 0, 5_010, 1, 1);
    for (let i = 1; i <= 8; i += 1) sample(clock, i * 10_000, 5_000, 20, 20);
    expect(clock.now(0)).toBe(5000);
  });

  it("starts anew when the local clock stood still", () => {
    const clock = new ServerClock();
    sample(clock, 0, 5_000, 1, 1);
    sample(clock, 10_000, 65_000, 50, 50);
    expect(clock.now(0)).toBe(65_000);
  });

  it("keeps its best sample when a slow one agrees with it", () => {
    const clock = new ServerClock();
    sample(clock, 0, 5_000, 5, 5);
    sample(clock, 10_000, 5_000, 900, 5);
    expect(clock.now(0)).toBe(5000);
  });

  it("is never ahead of the server at its earliest, however uneven the ways are", () => {
    for (const [there, back] of [[400, 2], [2, 400], [0, 0], [30, 30]] as const) {
      const clock = new ServerClock();
      sample(clock, 1_000, 5_000, there, back);
      expect(clock.earliest(2_000)).toBeLessThan(7_000);
      expect(clock.earliest(2_000)).toBeGreaterThanOrEqual(7_000 - (there + back) - 1);
    }
  });
});
