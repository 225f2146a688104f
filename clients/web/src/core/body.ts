/**
 * Reads a body: the one form in which the server writes its restricted HTML. A second line behind the server's sanitiser:
 * no HTML parser of the browser ever sees a body. What is not in that form is shown as the text that it is, and of
 * elements and attributes nothing comes out that is not in the generated lists.
 */

import { ATTRIBUTES, EMPTY, EVERYWHERE, ID_PREFIX, MATH, MAX_DEPTH } from "../generated/markup";

export interface BodyElement {
  tag: string;
  math: boolean;
  attributes: Readonly<Record<string, string>>;
  children: BodyNode[];
}

export type BodyNode = string | BodyElement;

const TOKEN = /<(\/?)([a-z][a-z0-9-]*)((?: [a-z]+="[^"]*")*)>|[^<]+|</g;
const ATTRIBUTE = / ([a-z]+)="([^"]*)"/g;
const CHARACTER = /&(amp|lt|gt|quot|nbsp);/g;
const CHARACTERS: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };

export function readBody(html: string): BodyNode[] {
  const roots: BodyNode[] = [];
  const open: BodyElement[] = [];
  for (const [text, closing, tag, attributes] of html.matchAll(TOKEN)) {
    const inside = open.at(-1)?.children ?? roots;
    if (tag === undefined) inside.push(decoded(text));
    else if (closing === "/") {
      if (open.at(-1)?.tag === tag) open.pop();
    } else if (tag in ATTRIBUTES && open.length < MAX_DEPTH) {
      const element = { tag, math: MATH.has(tag), attributes: read(tag, attributes ?? ""), children: [] };
      inside.push(element);
      if (!EMPTY.has(tag)) open.push(element);
    }
  }
  return roots;
}

function read(tag: string, written: string): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [, name = "", value = ""] of written.matchAll(ATTRIBUTE)) {
    const known = ATTRIBUTES[tag]?.includes(name) || (EVERYWHERE.has(name) && !MATH.has(tag));
    if (known) kept[name] = decoded(value);
  }
  return kept;
}

function decoded(text: string): string {
  return text.replace(CHARACTER, (_, name: string) => CHARACTERS[name] ?? "");
}

/** Elements whose text has a direction of its own. */
const OWN_DIRECTION = /^(?:p|li|t[dh]|d[dt]|h[1-6]|caption|figcaption|blockquote)$/;

/** The tag that is drawn: a body's headings stand below that of its question. */
export function tagOf(element: BodyElement): string {
  const heading = /^h([1-5])$/.exec(element.tag);
  return heading === null ? element.tag : `h${Number(heading[1]) + 1}`;
}

/**
 * The attributes that are drawn. Ids and what refers to them begin with `scope`, so that several bodies may stand on a
 * page. `media` gives the address of a stored file by its hash.
 */
export function attributesOf(element: BodyElement, scope: string, media: (hash: string) => string | null): [string, string][] {
  const drawn: [string, string][] = [];
  for (const [name, value] of Object.entries(element.attributes)) {
    const words = value.split(" ").filter((word) => word.startsWith(ID_PREFIX));
    if (name === "id" || name === "headers") {
      if (words.length > 0) drawn.push([name, words.map((word) => scope + word).join(" ")]);
    } else if (name === "href") drawn.push(...link(value, scope));
    else if (name === "src") {
      const address = /^media:[0-9a-f]{64}$/.test(value) ? media(value.slice("media:".length)) : null;
      if (address !== null) drawn.push(["src", address]);
    } else drawn.push([name, value]);
  }
  if (OWN_DIRECTION.test(element.tag) && !("dir" in element.attributes)) drawn.push(["dir", "auto"]);
  return drawn;
}

function link(value: string, scope: string): [string, string][] {
  if (value.startsWith(`#${ID_PREFIX}`)) return [["href", `#${scope}${value.slice(1)}`]];
  if (!/^https:\/\/[A-Za-z0-9]/.test(value)) return [];
  return [["href", value], ["rel", "noopener noreferrer"], ["target", "_blank"]];
}
