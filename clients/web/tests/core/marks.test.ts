import { expect, it } from "vitest";
import { MAX_STRETCHES, toggled, type Stretch } from "../../src/core/marks";

it.each<[string, Stretch[], Stretch, Stretch[]]>([
  ["puts in", [], [2, 5], [[2, 5]]],
  ["keeps in order", [[6, 8]], [1, 3], [[1, 3], [6, 8]]],
  ["joins what it touches", [[1, 3], [5, 6], [8, 9]], [3, 5], [[1, 6], [8, 9]]],
  ["joins what it overlaps", [[1, 4]], [3, 7], [[1, 7]]],
  ["takes out the whole", [[1, 4]], [1, 4], []],
  ["takes out of the middle", [[1, 9]], [3, 5], [[1, 3], [5, 9]]],
  ["does nothing with nothing", [[1, 4]], [3, 3], [[1, 4]]],
])("%s", (_, marked, stretch, result) => {
  expect(toggled(marked, stretch)).toEqual(result);
});

it("has an end", () => {
  const full = Array.from({ length: MAX_STRETCHES }, (_, at): Stretch => [at * 3, at * 3 + 1]);
  expect(toggled(full, [9_000, 9_001])).toBe(full);
});
