import { expect, it } from "vitest";
import { numberAt, stepsAt, stepsOf } from "../../src/core/scale";

const tenths = { lower: "-0.3", upper: "1", step: "0.1" };

it("has its numbers without a rest of floating point", () => {
  expect(stepsOf(tenths)).toBe(13);
  expect(Array.from({ length: 14 }, (_, steps) => numberAt(tenths, steps))).toEqual(
    ["-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"],
  );
});

it("finds each number again, however it is written", () => {
  for (let steps = 0; steps <= 13; steps++) expect(stepsAt(tenths, numberAt(tenths, steps))).toBe(steps);
  expect(stepsAt(tenths, "0.500")).toBe(8);
});

it("ends with the last number that its steps reach", () => {
  const uneven = { lower: "0", upper: "10", step: "4" };
  expect(numberAt(uneven, stepsOf(uneven))).toBe("8");
});

it("has numbers larger than those that JavaScript has exactly", () => {
  const large = { lower: "900000000000.000000001", upper: "900000000001.000000001", step: "0.000000001" };
  expect(numberAt(large, 5)).toBe("900000000000.000000006");
});
