/** Interactions that are loaded later, as they are drawn from an answer. What happens on a press is in the tests of whole pages. */

import type { Component } from "svelte";
import { render } from "svelte/server";
import { describe, expect, it } from "vitest";
import type { PartValue } from "../../src/generated/messages";
import type { PaperAssociate, PaperGapMatch, PaperHottext, PaperInteraction, PaperMatch } from "../../src/generated/rest";
import AssociateInput from "../../src/sit/AssociateInput.svelte";
import GapMatchInput from "../../src/sit/GapMatchInput.svelte";
import HottextInput from "../../src/sit/HottextInput.svelte";
import type { InputProps } from "../../src/sit/lazy-inputs";
import MatchInput from "../../src/sit/MatchInput.svelte";

const options = (ids: string, max_uses: number | null = 1): PaperMatch["rows"] => [...ids].map((id) => ({ option_id: id, body: `<em>${id}!</em>`, max_uses }));
const base = { response_id: "answer", min_pairs: 0, max_pairs: null };
const match: PaperMatch = { ...base, type: "match", rows: options("ab"), columns: options("xyz", null) };
const gaps: PaperGapMatch = { ...base, type: "gap_match", text: '<p><pd-gap id="x"></pd-gap> <pd-gap id="y"></pd-gap></p>', choices: options("ab") };
const together: PaperAssociate = { ...base, type: "associate", choices: options("abc") };
const hot: PaperHottext = { type: "hottext", response_id: "answer", text: '<p><pd-hot id="a">one</pd-hot> <pd-hot id="b">two</pd-hot></p>', min_choices: 1, max_choices: 1 };

function drawn<Asked extends PaperInteraction>(input: Component<InputProps<Asked>>, asked: Asked, part: PartValue | null, locked = false): string[] {
  const props = { asked, part, locked, name: (what: string) => `Part 1. ${what}`, describedby: "prompt", onanswer: () => undefined, onleave: () => undefined };
  return render(input, { props }).body.match(/<(?:button|input|select|option|span|div|li)\b[^>]*>/g) ?? [];
}

const having = (tags: readonly string[], ...words: string[]): string[] => tags.filter((tag) => words.every((word) => tag.includes(word)));

describe("a match", () => {
  it("is radio buttons where a row takes one, and boxes where it takes several", () => {
    const tags = drawn(MatchInput, { ...match, rows: [...options("a"), ...options("b", 2)] }, [["b", "y"]]);
    expect(having(tags, 'type="radio"')).toHaveLength(3);
    expect(having(tags, 'type="checkbox"')).toHaveLength(3);
    expect(having(tags, "cell-b-y", "checked")).toHaveLength(1);
    expect(having(tags, " checked")).toHaveLength(1);
    expect(having(tags, 'role="radiogroup"', "aria-labelledby")).toHaveLength(1);
  });

  it("is menus where there are many columns", () => {
    const tags = drawn(MatchInput, { ...match, columns: options("uvwxyz") }, [["a", "z"]]);
    expect(having(tags, "<select")).toHaveLength(2);
    expect(having(tags, "<option", 'value="z"', "selected")).toHaveLength(1);
  });

  it("offers nothing more than may be used, and takes nothing while it is locked", () => {
    const tags = drawn(MatchInput, { ...match, columns: options("xy", 2), rows: options("abc") }, [["a", "x"], ["b", "x"]]);
    expect(having(tags, "cell-c-x", "disabled")).toHaveLength(1);
    expect(having(tags, "cell-c-y", "disabled")).toHaveLength(0);
    const locked = drawn(MatchInput, match, null, true);
    expect(having(locked, "<input", "disabled")).toHaveLength(6);
  });
});

it("a gap is named with what stands in it, and a choice says whether it is used", () => {
  const tags = drawn(GapMatchInput, gaps, [["b", "x"]]);
  expect(having(tags, "gap-x", 'aria-label="Gap 1: b!"', 'data-choice="b"')).toHaveLength(1);
  expect(having(tags, "gap-y", 'aria-label="Gap 2: empty"')).toHaveLength(1);
  expect(having(tags, "choice-b", 'data-used="true"')).toHaveLength(1);
  expect(having(tags, "choice-a", 'data-used="false"')).toHaveLength(1);
  expect(having(drawn(GapMatchInput, gaps, null, true), "<button", "disabled")).toHaveLength(5);
});

it("pairs are listed, and can be undone", () => {
  const tags = drawn(AssociateInput, together, [["a", "c"]]);
  expect(having(tags, "<li", "pair-a-c")).toHaveLength(1);
  expect(having(tags, "<button", "Take back: a! – c!")).toHaveLength(1);
  expect(having(drawn(AssociateInput, together, null), "<li")).toHaveLength(0);
});

it("words of a text are buttons, pressed where they are chosen", () => {
  const tags = drawn(HottextInput, hot, ["b"]);
  expect(having(tags, 'role="button"', "hot-b", 'aria-pressed="true"')).toHaveLength(1);
  expect(having(tags, 'role="button"', "hot-a", 'aria-pressed="false"', 'tabindex="0"')).toHaveLength(1);
  expect(having(drawn(HottextInput, hot, null, true), 'aria-disabled="true"')).toHaveLength(2);
});
