/** Frames of MessagePack over standard input and output, each with its length before it. Nobody else writes there. */

import { readSync, writeSync } from "node:fs";
import { decode, encode } from "@msgpack/msgpack";

const HEAD = 4;

function read(size: number): Buffer | null {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const got = readSync(0, bytes, at, size - at, null);
    if (got === 0) return null;
    at += got;
  }
  return bytes;
}

/** The next frame; null: the other side has closed the pipe. */
export function readFrame(): unknown {
  const head = read(HEAD);
  const body = head === null ? null : read(head.readUInt32BE());
  return body === null ? null : decode(body);
}

export function writeFrame(value: unknown): void {
  const body = encode(value);
  const frame = Buffer.alloc(HEAD + body.length);
  frame.writeUInt32BE(body.length);
  frame.set(body, HEAD);
  for (let at = 0; at < frame.length; ) at += writeSync(1, frame, at);
}
