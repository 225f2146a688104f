/** Rich text and ProseMirror's document of it, each made from the other. Pure: no parser of the browser is asked. */

import { Fragment, Mark, type Node } from "prosemirror-model";
import { readBody, type BodyNode } from "../core/body";
import { isAnswered } from "../core/candidate";
import { wellFormed } from "../core/format";
import { textOf } from "../core/rich";
import { FORBIDDEN, MARKS } from "../generated/rich";
import { nodeOf, SCHEMA } from "./schema";

/** The document of a text; where it is none of ours, of what it says without its markup. */
export function read(markup: string): Node {
  try {
    const doc = nodeOf("doc").createChecked(null, markup === "" ? [nodeOf("p").create()] : blocks(readBody(markup)));
    doc.check();
    return doc;
  } catch {
    const lines = textOf(markup).split("\n");
    return nodeOf("doc").create(null, lines.map((line) => nodeOf("p").create(null, line === "" ? [] : [SCHEMA.text(line)])));
  }
}

function blocks(nodes: readonly BodyNode[]): Node[] {
  return nodes.map((node) => {
    if (typeof node === "string") throw new Error("a text outside of a block");
    const type = nodeOf(node.tag);
    return type.createChecked(null, Fragment.from(type.inlineContent ? phrases(node.children, Mark.none) : blocks(node.children)));
  });
}

function phrases(nodes: readonly BodyNode[], marks: readonly Mark[]): Node[] {
  return nodes.flatMap((node) => {
    if (typeof node === "string") return [SCHEMA.text(node, marks)];
    if (node.tag === "br") return [nodeOf("br").create(null, null, marks)];
    return phrases(node.children, SCHEMA.marks[node.tag]!.create().addToSet(marks));
  });
}

const NEVER = new RegExp(`[${FORBIDDEN}]`, "gu");

/** The one form of a text, which the server takes; empty where it shows nothing. */
export function write(doc: Node): string {
  const markup = children(doc);
  return isAnswered(textOf(markup)) ? markup : "";
}

function children(node: Node): string {
  let written = "";
  node.forEach((child) => (written += `<${child.type.name}>${inside(child)}</${child.type.name}>`));
  return written;
}

function inside(node: Node): string {
  if (node.type.name === "pre") return escaped(node.textContent);
  return node.inlineContent ? line(node) : children(node);
}

/** Marks stay open for as long as the texts that follow have them too. */
function line(node: Node): string {
  let written = "";
  let open: string[] = [];
  const close = (kept: number): void => {
    for (const name of open.slice(kept).reverse()) written += `</${name}>`;
    open = open.slice(0, kept);
  };
  node.forEach((child) => {
    const content = child.isText ? escaped((child.text ?? "").replace(/[\t\n]/g, " ")) : "<br>";
    if (content === "") return;
    const marks: string[] = MARKS.filter((name) => child.marks.some(({ type }) => type.name === name));
    let kept = 0;
    while (kept < open.length && open[kept] === marks[kept]) kept += 1;
    close(kept);
    for (const name of marks.slice(kept)) written += `<${name}>`;
    open = marks;
    written += content;
  });
  close(0);
  return written;
}

function escaped(text: string): string {
  return wellFormed(text).replace(NEVER, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
