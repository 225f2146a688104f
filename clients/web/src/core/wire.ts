/** Messages to bytes and back: one MessagePack map, the tag `t` first, then the fields in the order of the wire. */

import { decode, encode } from "@msgpack/msgpack";
import { FIELDS, SHORTER } from "../generated/messages";
import { isFromServer } from "./sat-shape";

export type Tag = keyof typeof FIELDS;

function isTag(value: unknown): value is Tag {
  return typeof value === "string" && Object.hasOwn(FIELDS, value);
}

/** The fields that a message with this tag has on the wire. */
function fieldsOf(tag: Tag, fields: Record<string, unknown>): readonly string[] {
  const names: readonly string[] = FIELDS[tag];
  const shorter = names.slice(0, SHORTER[tag] ?? names.length);
  return names.slice(shorter.length).some((name) => fields[name] !== undefined) ? names : shorter;
}

/** The bytes of a message. The order of the object's own properties does not matter. */
export function encodeMessage(message: { t: Tag }): Uint8Array<ArrayBuffer> {
  const fields = message as unknown as Record<string, unknown>;
  const ordered: Record<string, unknown> = { t: message.t };
  for (const name of fieldsOf(message.t, fields)) {
    if (fields[name] === undefined) throw new TypeError(`${message.t}: ${name} is missing`);
    ordered[name] = fields[name];
  }
  return encode(ordered);
}

/**
 * The message in these bytes, or null for one that this page does not know: a newer server may say more than an older
 * page understands. Throws on bytes that are no message at all.
 */
export function decodeMessage<M extends { t: Tag }>(bytes: Uint8Array): M | null {
  const value = decode(bytes);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TypeError("not a message");
  const fields = value as Record<string, unknown>;
  const tag = fields["t"];
  if (typeof tag !== "string") throw new TypeError("a message without a tag");
  if (!isTag(tag)) return null;
  for (const name of fieldsOf(tag, fields)) {
    if (fields[name] === undefined) throw new TypeError(`${tag}: ${name} is missing`);
  }
  if (!isFromServer(value, tag)) throw new TypeError(`${tag}: a field has the wrong type`);
  return value as M;
}
