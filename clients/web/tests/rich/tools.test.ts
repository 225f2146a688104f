/** What the buttons and the keys of the editor do to a text. `|` says where the caret is, `[` and `]` what is chosen. */

import { history } from "prosemirror-history";
import { EditorState, TextSelection, type Command } from "prosemirror-state";
import { describe, expect, it } from "vitest";
import { MARKS, MAX_NESTING } from "../../src/generated/rich";
import { read, write } from "../../src/rich/markup";
import { isTooDeep, KEYS, nesting, TOOLS, type Tool } from "../../src/rich/tools";

function place(markup: string): EditorState {
  const doc = read(markup);
  const at = (sign: string): number => {
    let found = -1;
    doc.descendants((node, pos) => {
      const inside = node.text?.indexOf(sign) ?? -1;
      if (inside >= 0) found = pos + inside;
    });
    return found;
  };
  const caret = at("|");
  const [from, to] = caret >= 0 ? [caret, caret] : [at("["), at("]") - 1];
  let { tr } = EditorState.create({ doc });
  if (caret >= 0) tr = tr.delete(caret, caret + 1);
  else tr = tr.delete(from, from + 1).delete(to, to + 1);
  return EditorState.create({ doc: tr.doc, selection: TextSelection.create(tr.doc, from, to), plugins: [history()] });
}

function run(state: EditorState, command: Command): EditorState {
  let after = state;
  command(state, (tr) => (after = state.apply(tr)));
  return after;
}

const tool = (name: Tool["name"]): Tool => TOOLS.find((one) => one.name === name)!;

describe.each<[Tool["name"], string, string]>([
  ["strong", "<p>a [b] c</p>", "<p>a <strong>b</strong> c</p>"],
  ["strong", "<p>a <strong>[b]</strong> c</p>", "<p>a b c</p>"],
  ["sup", "<p>x<sub>[2]</sub></p>", "<p>x<sup>2</sup></p>"],
  ["h2", "<p>a|</p>", "<h2>a</h2>"],
  ["h2", "<h2>a|</h2>", "<p>a</p>"],
  ["h3", "<h2>a|</h2>", "<h3>a</h3>"],
  ["pre", "<p><em>a</em>|</p>", "<pre>a</pre>"],
  ["ul", "<p>a|</p>", "<ul><li><p>a</p></li></ul>"],
  ["ul", "<ul><li><p>a|</p></li></ul>", "<p>a</p>"],
  ["ol", "<ul><li><p>a|</p></li><li><p>b</p></li></ul>", "<ol><li><p>a</p></li><li><p>b</p></li></ol>"],
  ["blockquote", "<p>a|</p>", "<blockquote><p>a</p></blockquote>"],
  ["blockquote", "<blockquote><p>a|</p></blockquote>", "<p>a</p>"],
  ["indent", "<ul><li><p>a</p></li><li><p>b|</p></li></ul>", "<ul><li><p>a</p><ul><li><p>b</p></li></ul></li></ul>"],
  ["outdent", "<ul><li><p>a</p><ul><li><p>b|</p></li></ul></li></ul>", "<ul><li><p>a</p></li><li><p>b</p></li></ul>"],
])("%s", (name, before, after) => {
  it(`makes ${after} of ${before}`, () => {
    expect(write(run(place(before), tool(name).run).doc)).toBe(after);
  });
});

it.each<[string, string, string]>([
  ["Enter", "<ul><li><p>a|</p></li></ul>", "<ul><li><p>a</p></li><li><p></p></li></ul>"],
  ["Enter", "<h2>a|</h2>", "<h2>a</h2><p></p>"],
  ["Enter", "<pre>a\n|</pre>", "<pre>a</pre><p></p>"],
  ["Enter", "<pre>a|</pre>", "<pre>a\n</pre>"],
  ["Shift-Enter", "<p>a|b</p>", "<p>a<br>b</p>"],
  ["Backspace", "<h2>|a</h2>", "<p>a</p>"],
  ["Mod-b", "<p>[a]</p>", "<p><strong>a</strong></p>"],
])("%s makes of %s: %s", (key, before, after) => {
  expect(write(run(place(before), KEYS[key]!).doc)).toBe(after);
});

it("leaves the Tab key to the page", () => {
  expect(Object.keys(KEYS).filter((key) => key.includes("Tab"))).toEqual([]);
});

it("takes back and does again", () => {
  const bold = run(place("<p>[a]</p>"), tool("strong").run);
  const back = run(bold, tool("undo").run);
  expect([write(back.doc), write(run(back, tool("redo").run).doc)]).toEqual(["<p>a</p>", "<p><strong>a</strong></p>"]);
});

it("says what the text has where the caret is", () => {
  const on = (markup: string): string[] => TOOLS.filter(({ isOn }) => isOn?.(place(markup))).map(({ name }) => name);
  expect(on("<p>a|</p>")).toEqual([]);
  for (const name of MARKS) expect(on(`<p><${name}>a|b</${name}></p>`)).toEqual([name]);
  expect(on("<blockquote><ul><li><p>a</p><ol><li><p>b|</p></li></ol></li></ul></blockquote>")).toEqual(["ol", "blockquote"]);
  expect(on("<h3>a|</h3>")).toEqual(["h3"]);
});

it("knows what stands too deep", () => {
  const deep = (depth: number) => read(`${"<blockquote>".repeat(depth)}<p>a</p>${"</blockquote>".repeat(depth)}`);
  expect([nesting(deep(3)), isTooDeep(deep(MAX_NESTING)), isTooDeep(deep(MAX_NESTING + 1))]).toEqual([3, false, true]);
});
