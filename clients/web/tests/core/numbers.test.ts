import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readNumber, type DecimalSign } from "../../src/core/numbers";

interface Vector {
  text: string;
  sign: DecimalSign;
  number: string | null;
  other: string | null;
}

describe("readNumber", () => {
  const file = new URL("../../../../protocol/vectors/numbers.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(file, "utf8")) as Vector[];

  it.each(vectors)("$text with $sign: as the server reads", ({ text, sign, number, other }) => {
    expect(readNumber(text, sign)).toEqual(number === null ? null : { number, other });
  });
});
