import { describe, expect, it } from "vitest";
import { calculate } from "../../src/core/calculator";

it.each([
  ["1 + 2 × 3", "7"],
  ["0.1 + 0.2", "0.3"],
  ["(2 + 3)(4 − 1)", "15"],
  ["2(3 + 4)", "14"],
  ["10 ÷ 4", "2.5"],
  ["2 ^ 10", "1024"],
  ["-3 ^ 2", "-9"],
  ["√9 + 1", "4"],
  ["2√9", "6"],
  ["√(2)^2", "2"],
  ["1e3 + 1", "1001"],
])("does %s", (typed, result) => {
  expect(calculate(typed, false)).toBe(result);
});

it.each(["1,500 + 1", "1 +", "abc", "1 / 0", "0 / 0", "sin(30)", "5!", "pi", "x = 3", "f(x) = x", "[1]", "1 ? 2 : 3", "random()", "1 == 1", "toString", "constructor", "", "9".repeat(400)])(
  "does not guess at %s",
  (typed) => {
    expect(calculate(typed, false)).toBeNull();
  },
);

describe("with functions", () => {
  it.each([
    ["sin(30)", "0.5"],
    ["2sin(30)", "1"],
    ["asin(0.5)", "30"],
    ["log(1000)", "3"],
    ["ln(e)", "1"],
    ["2π", "6.28318530718"],
    ["π(2)", "6.28318530718"],
    ["5!", "120"],
    ["abs(-3)", "3"],
    ["sin(180)", "0"],
    ["sin(-720)", "0"],
    ["cos(90) + 1", "1"],
    ["cos(1000000 * 360 + 270)", "0"],
    ["tan(180)", "0"],
    ["tan(45)", "1"],
    ["sin(1 / 10^9)", "1.74532925199e-11"],
  ])("does %s", (typed, result) => {
    expect(calculate(typed, true)).toBe(result);
  });

  it("measures angles as it is told", () => {
    expect([calculate("sin(π / 2)", true, "radians"), calculate("sin(90)", true, "degrees")]).toEqual(["1", "1"]);
  });
});

it.each([
  ["tan(90)", "degrees"],
  ["tan(-270)", "degrees"],
  ["tan(π / 2)", "radians"],
  ["tan(3π / 2)", "radians"],
] as const)("knows no value of %s in %s", (typed, angle) => {
  expect(calculate(typed, true, angle)).toBeNull();
});

it("rounds nothing into a result at multiples of π", () => {
  for (const typed of ["sin(π)", "sin(7π)", "cos(π / 2)", "cos(9π / 2)", "tan(4π)"]) expect([typed, calculate(typed, true, "radians")]).toEqual([typed, "0"]);
});

it.each(["(".repeat(200), "-".repeat(199) + "1", "√".repeat(200), "9^".repeat(99) + "9", "9!".repeat(100), "170.5!", "(-170.5)!", "9".repeat(150) + "!", "!".repeat(200), "2(".repeat(66) + "1" + ")".repeat(66), "sin ".repeat(50), "e ".repeat(100), "..".repeat(100), "__proto__", "hasOwnProperty(1)"])(
  "is done at once with %s",
  (typed) => {
    const result = calculate(typed, true);
    expect(result === null || Number.isFinite(Number(result))).toBe(true);
  },
);
