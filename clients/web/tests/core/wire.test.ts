import "../../src/core/staff-shape";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { decodeMessage, encodeMessage, type Tag } from "../../src/core/wire";
import { FIELDS } from "../../src/generated/messages";
import { openSocket } from "../../src/io/socket";

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

interface Invalid {
  name: string;
  direction: string;
  hex: string;
}

const INVALID = new URL("../../../../protocol/vectors/invalid.json", import.meta.url);

/**
 * These are bytes that a server must refuse; which code it refuses them with, and whether a text is too long or an id
 * unknown, is the server's business: a page believes its server. What a page must keep is that whatever arrives is a
 * message, or nothing, or an error that can be caught: never half a message, and never a way out of the handler.
 */
describe("the shared vectors of what is no message", () => {
  const vectors = JSON.parse(readFileSync(INVALID, "utf8")) as Invalid[];

  it("are there", () => expect(vectors.length).toBeGreaterThan(0));

  it.each(vectors)("$direction $name: a whole message, nothing, or an error", ({ hex: bytes }) => {
    let message: ReturnType<typeof decodeMessage>;
    try {
      message = decodeMessage(Buffer.from(bytes, "hex"));
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      return;
    }
    if (message === null) return;
    const fields = message as unknown as Record<string, unknown>;
    for (const name of FIELDS[message.t]) expect(fields[name]).toBeDefined();
  });

  it.each(vectors)("$direction $name: does not get past the socket's handler", ({ hex: bytes }) => {
    const got = throughSocket(Buffer.from(bytes, "hex"));
    expect(got.messages + got.unreadable).toBeLessThanOrEqual(1);
  });

  // None of them is addressed to a client; one that is should be refused here.
  it.each(vectors.filter(({ direction }) => direction.startsWith("to_")))("$direction $name: is refused", ({ hex: bytes }) => {
    expect(throughSocket(Buffer.from(bytes, "hex")).messages).toBe(0);
  });
});

/** What a page gets to see of bytes that arrive. */
function throughSocket(bytes: Uint8Array): { messages: number; unreadable: number } {
  const got = { messages: 0, unreadable: 0 };
  const made: { onmessage?: (event: { data: unknown }) => void }[] = [];
  vi.stubGlobal("location", { href: "http://127.0.0.1/sit" });
  vi.stubGlobal("WebSocket", class { constructor() { made.push(this); } });
  openSocket("/ws", {
    opened: () => undefined,
    message: () => (got.messages += 1),
    unreadable: () => (got.unreadable += 1),
    closed: () => undefined,
  });
  made[0]?.onmessage?.({ data: new Uint8Array(bytes).buffer });
  vi.unstubAllGlobals();
  return got;
}

describe("encodeMessage", () => {
  it("puts the fields in the order of the wire, whatever their order in the object", () => {
    const message = { client_at_ms: 3, position: null, value: ["b"], question_id: "q", n: 1, t: "answer" } as const;
    expect(Object.keys(decodeMessage(encodeMessage(message)) ?? {})).toEqual([
      "t",
      "n",
      "question_id",
      "value",
      "position",
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
