import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { attributesOf, readBody, tagOf, type BodyElement, type BodyNode } from "../../src/core/body";
import { ATTRIBUTES, EMPTY, MATH, MAX_DEPTH } from "../../src/generated/markup";

interface Vector {
  name: string;
  html: string;
  body: string;
}

const file = fileURLToPath(new URL("../../../../protocol/vectors/bodies.json", import.meta.url));
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vector[];

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("\u00a0", "&nbsp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function write(nodes: readonly BodyNode[]): string {
  return nodes
    .map((node) => {
      if (typeof node === "string") return escaped(node);
      const said = Object.entries(node.attributes).map(([name, value]) => ` ${name}="${escaped(value).replaceAll('"', "&quot;")}"`);
      const rel = node.tag === "a" ? ' rel="noopener noreferrer"' : "";
      const start = `<${node.tag}${said.join("")}${rel}>`;
      return EMPTY.has(node.tag) ? start : `${start}${write(node.children)}</${node.tag}>`;
    })
    .join("");
}

function* elements(nodes: readonly BodyNode[]): Generator<BodyElement> {
  for (const node of nodes) {
    if (typeof node === "string") continue;
    yield node;
    yield* elements(node.children);
  }
}

const nowhere = (): null => null;

describe("the reader of bodies", () => {
  it.each(vectors)("reads all of a body: $name", ({ body }) => {
    expect(write(readBody(body))).toBe(body);
  });

  it.each(vectors)("draws nothing that is dangerous, even of what no server cleaned: $name", ({ html }) => {
    for (const element of elements(readBody(html))) {
      expect(Object.keys(ATTRIBUTES)).toContain(element.tag);
      for (const [name, value] of attributesOf(element, "q1-", nowhere)) {
        expect(name).not.toMatch(/^on|^style$|^class$|^src$|^name$|:/);
        if (name === "href") expect(value).toMatch(/^https:\/\/[A-Za-z0-9]|^#q1-b-/);
        if (name === "id") expect(value).toMatch(/^q1-b-/);
      }
    }
  });

  it("knows what is mathematical", () => {
    const [formula] = readBody("<math><mi>x</mi></math>");
    expect(formula).toMatchObject({ tag: "math", math: true, children: [{ tag: "mi", math: true, children: ["x"] }] });
    expect(readBody("<b></b>")).toEqual([{ tag: "b", math: false, attributes: {}, children: [] }]);
    expect([...MATH].every((tag) => tag in ATTRIBUTES)).toBe(true);
  });

  it("knows no element by the name of what all objects have", () => {
    expect([...elements(readBody("<constructor>a</constructor>"))]).toEqual([]);
  });

  it("takes what is not in its form for text", () => {
    expect(readBody("a < b <p class=x>").join("")).toBe("a < b <p class=x>");
  });

  it("stops where elements nest too deep", () => {
    let [depth, here] = [0, readBody("<b>".repeat(200))];
    for (; here.length > 0; depth += 1) here = (here[0] as BodyElement).children;
    expect(depth).toBe(MAX_DEPTH);
  });

  it("makes ids and what refers to them its own", () => {
    const [cell] = readBody('<td headers="b-h b-i" align="left"></td>');
    expect(attributesOf(cell as BodyElement, "q2-", nowhere)).toEqual([["headers", "q2-b-h q2-b-i"], ["align", "left"], ["dir", "auto"]]);
  });

  it("opens links of elsewhere in another tab, and asks for the address of a file", () => {
    const [link, picture] = readBody(`<a href="https://example.org/?a=1&amp;b=2">x</a><img src="media:${"0".repeat(64)}">`) as [BodyElement, BodyElement];
    expect(attributesOf(link, "", nowhere)).toEqual([
      ["href", "https://example.org/?a=1&b=2"],
      ["rel", "noopener noreferrer"],
      ["target", "_blank"],
    ]);
    expect(attributesOf(picture, "", (hash) => `/media/${hash}`)).toEqual([["src", `/media/${"0".repeat(64)}`]]);
    expect(attributesOf(picture, "", nowhere)).toEqual([]);
  });

  it("sets headings below that of the question", () => {
    expect(readBody("<h1></h1><h5></h5><h6></h6>").map((node) => tagOf(node as BodyElement))).toEqual(["h2", "h6", "h6"]);
  });
});
