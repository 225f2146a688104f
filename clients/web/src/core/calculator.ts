/** A calculator: what is typed, evaluated by a parser that knows sums alone. */

import { Parser } from "expr-eval-fork";

const PLAIN = ["-", "+", "sqrt"] as const;

/** How angles are measured. */
export type Angle = "degrees" | "radians";

/** Null: it can't be read, or has no result. Decimals have a point; a comma is never guessed at, for "1,500" is read in two ways. */
export function calculate(typed: string, scientific: boolean, angle: Angle = "degrees"): string | null {
  if (typed.includes(",")) return null;
  try {
    const value: unknown = parserOf(scientific, angle).evaluate(spelt(typed));
    return typeof value === "number" && Number.isFinite(value) ? String(Number(value.toPrecision(12))) : null;
  } catch {
    return null;
  }
}

/** As the parser spells it: signs of a keyboard, and each product said. */
function spelt(typed: string): string {
  return typed
    .replace(/[×·]/g, "*")
    .replace(/[÷:]/g, "/")
    .replace(/[−–]/g, "-")
    .replace(/√/g, " sqrt ")
    .replace(/π/g, " pi ")
    .replace(/([\d.)!]|\bpi|\be)\s*(?=[a-z(])(?!e[+-]?\d)/gi, "$1*")
    .replace(/\)\s*(?=\d)/g, ")*");
}

function parserOf(scientific: boolean, angle: Angle): Parser {
  const parser = new Parser({
    operators: {
      ...{ add: true, subtract: true, multiply: true, divide: true, power: true, factorial: scientific },
      ...{ remainder: false, concatenate: false, conditional: false, logical: false, comparison: false, in: false, assignment: false, fndef: false, array: false },
    },
  });
  const per_unit = angle === "degrees" ? Math.PI / 180 : 1;
  const quarter = angle === "degrees" ? 90 : Math.PI / 2;
  const sine = (x: number): number => (isWhole(x / quarter / 2) ? 0 : Math.sin(x * per_unit));
  const cosine = (x: number): number => (isWhole((x / quarter - 1) / 2) ? 0 : Math.cos(x * per_unit));
  const functions: Record<string, (x: number) => number> = {
    ...{ sin: sine, cos: cosine, tan: (x) => (sine(x) === 0 ? 0 : cosine(x) === 0 ? NaN : Math.tan(x * per_unit)) },
    ...{ asin: (x) => Math.asin(x) / per_unit, acos: (x) => Math.acos(x) / per_unit, atan: (x) => Math.atan(x) / per_unit },
    ...{ ln: Math.log, log: Math.log10, exp: Math.exp, abs: Math.abs },
  };
  const known = parser as unknown as { unaryOps: Record<string, (x: number) => number>; functions: object; consts: Record<string, number> };
  const kept = Object.fromEntries([...PLAIN, ...(scientific ? ["!"] : [])].map((name) => [name, known.unaryOps[name]!]));
  known.unaryOps = { ...kept, ...(scientific ? functions : {}) };
  known.functions = {};
  known.consts = scientific ? { pi: Math.PI, e: Math.E } : {};
  return parser;
}

/** Whether it is a whole number but for what was rounded on the way: 180° times π over 180 is not quite π. */
function isWhole(x: number): boolean {
  return Math.abs(x - Math.round(x)) <= Number.EPSILON * Math.abs(x);
}
