import { describe, expect, it } from "vitest";
import { findLookalikes } from "../../src/core/names";

const found = (...ids: string[]): Record<string, readonly string[]> => Object.fromEntries(findLookalikes(ids));

describe("ids that can be taken for each other", () => {
  it("differ in case", () => {
    expect(found("ada", "Ada", "bob", "ADA")).toEqual({ ada: ["ADA", "Ada"], Ada: ["ADA", "ada"], ADA: ["Ada", "ada"] });
    expect(found("Straße", "STRASSE")).toEqual({ Straße: ["STRASSE"], STRASSE: ["Straße"] });
    expect(found("οδός", "ΟΔΌΣ")).toEqual({ οδός: ["ΟΔΌΣ"], ΟΔΌΣ: ["οδός"] });
  });

  it("differ in composition, width or spaces", () => {
    expect(found("Ren\u00e9", "rene\u0301")).toEqual({ "Ren\u00e9": ["rene\u0301"], "rene\u0301": ["Ren\u00e9"] });
    expect(found("a1", "\uff41\uff11")).toEqual({ a1: ["\uff41\uff11"], "\uff41\uff11": ["a1"] });
    expect(found("ada l", "ada\u00a0 l ")).toEqual({ "ada l": ["ada\u00a0 l "], "ada\u00a0 l ": ["ada l"] });
  });

  it("are no others: an accent makes another person, and one id in two attempts is one person", () => {
    expect(found("Ren\u00e9", "Rene", "ada", "ada", "a da")).toEqual({});
  });
});
