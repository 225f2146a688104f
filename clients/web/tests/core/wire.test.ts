import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeMessage, encodeMessage, type Tag } from "../../src/core/wire";

interface Vector {
  name: string;
  direction: string;
  message: { t: Tag };
  hex: string;
}

const VECTORS = new URL("../../../../protocol/vectors/valid.json", import.meta.url);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe.skipIf(!existsSync(VECTORS))("the shared vectors (protocol/vectors)", () => {
  const vectors = existsSync(VECTORS) ? (JSON.parse(readFileSync(VECTORS, "utf8")) as Vector[]) : [];

  it.each(vectors)("$direction $name: encodes to the same bytes", ({ message, hex: expected }) => {
    expect(hex(encodeMessage(message))).toBe(expected);
  });

  it.each(vectors)("$direction $name: decodes to the same message", ({ message, hex: bytes }) => {
    expect(decodeMessage(Buffer.from(bytes, "hex"))).toEqual(message);
  });
});

describe("encodeMessage", () => {
  it("puts the fields in the order of the wire, whatever their order in the object", () => {
    const message = { client_at_ms: 3, value: ["b"], question_id: "q", n: 1, t: "answer" } as const;
    expect(Object.keys(decodeMessage(encodeMessage(message)) ?? {})).toEqual([
      "t",
      "n",
      "question_id",
      "value",
      "client_at_ms",
    ]);
  });

  it("refuses a message with a missing field", () => {
    expect(() => encodeMessage({ t: "beat" })).toThrow("t0_ms");
  });

  it("sends nothing that is not of the message", () => {
    const message = { t: "beat", t0_ms: 1, more: 2 } as const;
    expect(decodeMessage(encodeMessage(message))).toEqual({ t: "beat", t0_ms: 1 });
  });
});

describe("decodeMessage", () => {
  it("leaves out a message that this page does not know", () => {
    expect(decodeMessage(Buffer.from("81a174a56e6f76656c", "hex"))).toBeNull();
  });

  it("is not fooled by names that every object has", () => {
    expect(decodeMessage(Buffer.from("81a174ab636f6e7374727563746f72", "hex"))).toBeNull();
  });

  it.each([
    ["no map", "01"],
    ["no tag", "80"],
    ["a missing field", "81a174a462656174"],
    ["half a message", "82a174a462656174"],
  ])("throws on %s", (_, bytes) => {
    expect(() => decodeMessage(Buffer.from(bytes, "hex"))).toThrow();
  });
});
