import { describe, expect, it } from "vitest";
import { hasPair, hasUse, pairsOf, partOfPairs, sidesOf, withoutPair, withPair, type Pair } from "../../src/core/pairs";
import type { PaperAssociate, PaperGapMatch, PaperMatch, PairOption } from "../../src/generated/rest";

const options = (ids: string, max_uses: number | null = 1): PairOption[] => [...ids].map((option_id) => ({ option_id, body: option_id, max_uses }));
const base = { response_id: "answer", min_pairs: 0, max_pairs: null };
const match: PaperMatch = { ...base, type: "match", rows: options("abc"), columns: options("xyz", null) };
const text = '<p><pd-gap id="x"></pd-gap> <b><pd-gap id="y"></pd-gap></b></p>';
const gaps: PaperGapMatch = { ...base, type: "gap_match", text, choices: options("abc") };
const together: PaperAssociate = { ...base, type: "associate", choices: options("abcd") };

describe("a pair more", () => {
  const sides = sidesOf(match);

  it("takes what can be used once out of the pair in which it stands", () => {
    expect(withPair(sides, [["a", "x"]], ["a", "y"])).toEqual([["a", "y"]]);
    expect(withPair(sides, [["a", "x"]], ["b", "x"])).toEqual([["a", "x"], ["b", "x"]]);
    expect(withPair(sidesOf({ ...match, columns: options("xyz") }), [["a", "x"], ["b", "y"]], ["b", "x"])).toEqual([["b", "x"]]);
  });

  it("leaves the pairs alone that are there", () => {
    const pairs: Pair[] = [["a", "x"]];
    expect(withPair(sides, pairs, ["a", "x"])).toEqual(pairs);
    expect(pairs).toEqual([["a", "x"]]);
  });

  it("has no room where something is used as often as it may be, or all pairs are made", () => {
    const twice = sidesOf({ ...match, rows: options("ab", 2) });
    expect(withPair(twice, [["a", "x"], ["a", "y"]], ["a", "z"])).toBeNull();
    expect(withPair(sidesOf({ ...match, max_pairs: 1 }), [["a", "x"]], ["b", "x"])).toBeNull();
    expect(withPair(sidesOf({ ...match, max_pairs: 1 }), [["a", "x"]], ["a", "y"])).toEqual([["a", "y"]]);
    expect(withPair(sides, [], ["a", "nothing"])).toBeNull();
  });

  it("moves a choice from gap to gap, and puts one in the place of another", () => {
    const inGaps = sidesOf(gaps);
    expect(inGaps.targets.map(({ option_id }) => option_id)).toEqual(["x", "y"]);
    expect(withPair(inGaps, [["a", "x"]], ["a", "y"])).toEqual([["a", "y"]]);
    expect(withPair(inGaps, [["a", "x"]], ["b", "x"])).toEqual([["b", "x"]]);
    expect(withPair(inGaps, [["a", "x"], ["b", "y"]], ["a", "y"])).toEqual([["a", "y"]]);
  });

  it("has no direction in one set, and nothing goes with itself", () => {
    const set = sidesOf(together);
    expect(hasPair(set, [["a", "b"]], ["b", "a"])).toBe(true);
    expect(withPair(set, [["a", "b"]], ["b", "a"])).toEqual([["a", "b"]]);
    expect(withPair(set, [["a", "b"], ["c", "d"]], ["d", "a"])).toEqual([["d", "a"]]);
    expect(withPair(set, [], ["a", "a"])).toBeNull();
    expect(hasUse(set, [["b", "a"]], 0, options("a")[0]!)).toBe(false);
    expect(withoutPair(set, [["a", "b"], ["c", "d"]], ["d", "c"])).toEqual([["a", "b"]]);
  });
});

describe("an answer", () => {
  it("has its pairs in the order of the paper, and is none without them", () => {
    expect(partOfPairs(sidesOf(match), [["b", "z"], ["b", "x"], ["a", "y"]])).toEqual([["a", "y"], ["b", "x"], ["b", "z"]]);
    expect(partOfPairs(sidesOf(together), [["d", "c"], ["b", "a"]])).toEqual([["a", "b"], ["c", "d"]]);
    expect(partOfPairs(sidesOf(match), [])).toBeNull();
  });

  it("is read from whatever is there", () => {
    expect(pairsOf([["a", "x"], "b"])).toEqual([["a", "x"]]);
    expect(pairsOf("a")).toEqual([]);
    expect(pairsOf(null)).toEqual([]);
  });
});
