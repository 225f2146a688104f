/** Rich text as the server reads it (`protocol/vectors/rich.json`), and as the editor writes it. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { countChars, countWords } from "../../src/core/format";
import { textOf } from "../../src/core/rich";
import { read, write } from "../../src/rich/markup";
import { SCHEMA } from "../../src/rich/schema";

interface Vector {
  markup: string;
  fault: string | null;
  text: string;
  chars: number;
  words: number;
}

const vectors = JSON.parse(readFileSync(new URL("../../../../protocol/vectors/rich.json", import.meta.url), "utf8")) as Vector[];
const right = vectors.filter(({ fault }) => fault === null);

describe.each(right)("$markup", ({ markup, text, chars, words }) => {
  it("says what the server reads in it", () => {
    expect([textOf(markup), countChars(text), countWords(text)]).toEqual([text, chars, words]);
  });

  it("is written again as it was read, but for the order of its marks", () => {
    const written = write(read(markup));
    expect(textOf(written)).toBe(text);
    expect(write(read(written))).toBe(written);
    if (!/<\/(\w+)><\1>|<(?:em|u|s|sub|sup|code)>/.test(markup)) expect(written).toBe(markup);
  });
});

it("keeps marks in their order, and open for as long as they go on", () => {
  const written = "<p><strong>a<em>b</em></strong><em>c</em></p>";
  expect(write(read(written))).toBe(written);
  expect(write(read("<p><em><strong>a</strong></em><em>b</em></p>"))).toBe("<p><strong><em>a</em></strong><em>b</em></p>");
});

it("writes nothing that the server refuses", () => {
  const { p, br, pre } = SCHEMA.nodes;
  const doc = (text: string) => SCHEMA.nodes["doc"]!.create(null, [p!.create(null, [SCHEMA.text(text), br!.create()]), pre!.create(null, [SCHEMA.text(text)])]);
  expect(write(doc("a\u202eb\u0007\tc<\n&\ud800"))).toBe("<p>ab c&lt; &amp;\ufffd<br></p><pre>ab\tc&lt;\n&amp;\ufffd</pre>");
  expect(write(SCHEMA.nodes["doc"]!.create(null, [p!.create(null, [SCHEMA.text("\u202e", [SCHEMA.marks["em"]!.create()]), SCHEMA.text("x")])]))).toBe("<p>x</p>");
});

it("writes nothing where nothing is seen", () => {
  for (const markup of ["", "<p></p>", "<p> \u200b</p>", "<ul><li><p></p></li></ul>"]) expect(write(read(markup))).toBe("");
});

it.each(vectors.filter(({ fault }) => fault !== null))("reads what is no rich text as plain text: $markup", ({ markup }) => {
  expect(() => read(markup).check()).not.toThrow();
});
