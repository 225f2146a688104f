/** What can be written: rich text of `protocol/rich/grammar.py`, as ProseMirror's schema. No node and no mark has an attribute, so nothing that is pasted keeps one. */

import { Schema, type MarkSpec, type NodeSpec, type TagParseRule } from "prosemirror-model";
import { MARKS } from "../generated/rich";

type Mark = (typeof MARKS)[number];

/** The policy of the page keeps browsers from reading a style, so what it says is read as it is written. */
function styled(style: RegExp): TagParseRule {
  return { tag: "[style]", consuming: false, getAttrs: (node) => style.test(node.getAttribute("style") ?? "") && null };
}

const NOT_BOLD = /font-weight:\s*(?:normal|[1-4]\d\d)/i;

/** How else a mark comes in what is pasted. */
const PASTED: Readonly<Record<Mark, readonly TagParseRule[]>> = {
  // A well-known editor puts all that is copied from it into such a `b`.
  strong: [{ tag: "b", getAttrs: (node) => !NOT_BOLD.test(node.getAttribute("style") ?? "") && null }, styled(/font-weight:\s*(?:bold|[5-9]\d\d)/i)],
  em: [{ tag: "i" }, styled(/font-style:\s*italic/i)],
  u: [styled(/text-decoration(?:-line)?:[^;]*underline/i)],
  s: [{ tag: "del" }, { tag: "strike" }, styled(/text-decoration(?:-line)?:[^;]*line-through/i)],
  sub: [styled(/vertical-align:\s*sub/i)],
  sup: [styled(/vertical-align:\s*super/i)],
  code: [{ tag: "kbd" }, { tag: "samp" }, { tag: "tt" }],
};

function mark(name: Mark): MarkSpec {
  const lower = name === "sub" || name === "sup";
  return { toDOM: () => [name, 0], parseDOM: [{ tag: name }, ...PASTED[name]], ...(lower ? { excludes: "sub sup" } : {}) };
}

/** Its text has a direction of its own. */
function block(tag: string, content: string, more: Partial<NodeSpec> = {}): NodeSpec {
  return { group: "block", content, toDOM: () => [tag, { dir: "auto" }, 0], parseDOM: [{ tag }], ...more };
}

const NODES: Readonly<Record<string, NodeSpec>> = {
  doc: { content: "block+" },
  p: block("p", "inline*"),
  h2: block("h2", "inline*", { defining: true, parseDOM: [{ tag: "h1" }, { tag: "h2" }] }),
  h3: block("h3", "inline*", { defining: true, parseDOM: ["h3", "h4", "h5", "h6"].map((tag) => ({ tag })) }),
  pre: block("pre", "text*", { marks: "", code: true, defining: true, parseDOM: [{ tag: "pre", preserveWhitespace: "full" }] }),
  blockquote: block("blockquote", "block+", { defining: true }),
  ul: block("ul", "li+"),
  ol: block("ol", "li+"),
  li: { content: "p block*", defining: true, toDOM: () => ["li", 0], parseDOM: [{ tag: "li" }] },
  text: { group: "inline" },
  br: { group: "inline", inline: true, selectable: false, toDOM: () => ["br"], parseDOM: [{ tag: "br" }] },
};

export const SCHEMA = new Schema({ nodes: NODES, marks: Object.fromEntries(MARKS.map((name) => [name, mark(name)])) });

/** The node type or the mark type of an element. */
export const nodeOf = (name: string) => SCHEMA.nodes[name]!;
export const markOf = (name: string) => SCHEMA.marks[name]!;
