/** What a body says without its markup, and which interactions stand in it. */

import { readBody, type BodyNode } from "./body";

/** The response ids of the interactions that stand in the body. */
export function placesIn(body: string): string[] {
  return readBody(body).flatMap(inside);
}

function inside(node: BodyNode): string[] {
  if (typeof node === "string") return [];
  const name = node.tag === "pd-response" ? node.attributes["id"] : undefined;
  return name === undefined ? node.children.flatMap(inside) : [name];
}

/** The text of a body, in one line; a picture or a formula by what it says for those who don't see it. */
export function plainText(body: string): string {
  return readBody(body).map(textOf).join("").replace(/\s+/g, " ").trim();
}

function textOf(node: BodyNode): string {
  if (typeof node === "string") return node;
  const said = node.attributes["alt"] ?? node.attributes["alttext"];
  if (said !== undefined) return said;
  const gap = BREAKS.test(node.tag) ? " " : "";
  return `${gap}${node.children.map(textOf).join("")}${gap}`;
}

/** Elements that begin and end a line. */
const BREAKS = /^(?:p|br|li|d[dt]|t[dhr]|h[1-6]|pre|div|blockquote)$/;

/** The ids of the gaps that stand in a text. */
export function gapsIn(body: string): string[] {
  return marked(readBody(body), "pd-gap").map(([id]) => id);
}

/** What can be chosen in a text: each id with its words. */
export function hotsIn(body: string): [string, string][] {
  return marked(readBody(body), "pd-hot");
}

function marked(nodes: readonly BodyNode[], tag: string): [string, string][] {
  return nodes.flatMap((node): [string, string][] => {
    if (typeof node === "string") return [];
    const id = node.tag === tag ? node.attributes["id"] : undefined;
    return id === undefined ? marked(node.children, tag) : [[id, node.children.map(textOf).join("").replace(/\s+/g, " ").trim()]];
  });
}
