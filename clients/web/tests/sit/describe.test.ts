import { describe as suite, expect, it } from "vitest";
import { gapsIn, hotsIn } from "../../src/core/places";
import type { PartValue } from "../../src/generated/messages";
import type { PaperInteraction, Spot } from "../../src/generated/rest";
import { describe } from "../../src/sit/describe";
import { question } from "../made";

const option = (option_id: string, body: string): { option_id: string; body: string; max_uses: null } => ({ option_id, body, max_uses: null });
const base = { response_id: "answer", min_pairs: 0, max_pairs: null };
const choices = [option("a", "<em>Iron</em>"), option("b", "O<sub>2</sub>")];
const text = '<p>The <pd-gap id="x"></pd-gap> &amp; <b>the <pd-gap id="y"></pd-gap></b>.</p>';
const hot = '<p><pd-hot id="x">the <em>cat</em></pd-hot> <pd-hot id="y">sat</pd-hot></p>';

const words = (asked: PaperInteraction, part: PartValue): string => describe(question("q", { interactions: [asked] }), part);

suite("an answer in words", () => {
  it("says pairs with what stands at each end, where the ids are the same on both sides too", () => {
    const match: PaperInteraction = { ...base, type: "match", rows: [option("a", "Kenya")], columns: choices };
    expect(words(match, [["a", "b"]])).toBe("Kenya → O2");
    expect(words({ ...base, type: "associate", choices }, [["a", "b"]])).toBe("Iron – O2");
  });

  it("says gaps in the order of the text, and which are empty", () => {
    const gaps: PaperInteraction = { ...base, type: "gap_match", text, choices };
    expect(words(gaps, [["b", "y"], ["a", "x"]])).toBe("Iron, O2");
    expect(words(gaps, [["b", "y"]])).toBe("–, O2");
  });

  it("says the words that were chosen in a text", () => {
    expect(words({ type: "hottext", response_id: "answer", text: hot, min_choices: 0, max_choices: null }, ["y", "x"])).toBe("sat, the cat");
  });

  it("says all of it, however long: two answers may differ at their ends alone", () => {
    const options = ["a", "b", "c"].map((id) => option(id, id.repeat(80)));
    const order: PaperInteraction = { type: "order", response_id: "answer", options };
    expect(words(order, ["a", "b", "c"])).toBe(`${"a".repeat(80)}, ${"b".repeat(80)}, ${"c".repeat(80)}`);
    expect(words({ type: "short_text", response_id: "answer", max_chars: 1_000 }, "x".repeat(200))).toBe("x".repeat(200));
  });

  it("says no id: a place without a name is called as in the picture, and a file a file", () => {
    const spots: Spot[] = [{ spot_id: "n", shape: "circle", coords: [1, 1, 1], label: "" }, { spot_id: "s", shape: "circle", coords: [9, 9, 1] }];
    const picture = { src: "media:x", width: 10, height: 10, alt: "" };
    expect(words({ type: "graphic_order", response_id: "answer", picture, spots }, ["s", "n"])).toBe("Spot 2, Spot 1");
    expect(words({ type: "upload", response_id: "answer", kinds: ["pdf"], max_bytes: 1 }, "0123abcd")).toBe("a file");
  });
});

it("finds gaps and words however deep they stand", () => {
  expect(gapsIn(text)).toEqual(["x", "y"]);
  expect(hotsIn(hot)).toEqual([["x", "the cat"], ["y", "sat"]]);
});
