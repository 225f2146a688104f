// Verifies the log of an attempt from what the server's `GET …/log` hands out.

import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { call } from "./rest.mjs";

const { decode } = createRequire(new URL("../../../clients/web/package.json", import.meta.url))("@msgpack/msgpack");

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ENDS = new Set(["submitted", "expired", "cancelled"]);
const KINDS = new Set([
  ...["created", "started", "connected", "disconnected", "answered", "flagged", "moved", "receipted", "warned", "paused"],
  ...["resumed", "extended", "messaged", "submitted", "collected", "expired", "cancelled", "hand_marked", "assessed"],
  ...["completed", "reopened", "device_allowed", "hand_raised", "hand_acknowledged"],
]);

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

/** All entries of the log, in order. */
export async function readLog(url, token, attemptId) {
  const entries = [];
  for (let after = 0; after !== null; ) {
    const page = await call(url, token, "GET", `/test-attempts/${attemptId}/log?after=${after}&limit=1000`);
    entries.push(...page.entries);
    after = page.next;
  }
  return entries;
}

/** The decoded facts, the head and the reference of an intact log. Throws an error that names the first fault. */
export function verifyLog(attemptId, entries) {
  let hash = sha256(`pencilsdown log 1\n${attemptId.toLowerCase()}`);
  let reference = null;
  const facts = entries.map((line, place) => {
    const fault = (what) => new Error(`record ${place + 1} of ${attemptId}: ${what}`);
    const bytes = Buffer.from(line.data, "base64");
    hash = sha256(hash, bytes);
    if (hash.toString("hex") !== line.hash) throw fault("its hash is wrong");
    const entry = decode(bytes);
    if (entry.seq !== place + 1 || line.seq !== entry.seq) throw fault("its number is wrong");
    if (!KINDS.has(entry.fact.t) || line.kind !== entry.fact.t) throw fault(`its kind is ${line.kind}`);
    if ((place === 0) !== (entry.fact.t === "created")) throw fault("an attempt is created once, and first");
    if (place === 0 && entry.fact.identity.attempt_id !== attemptId.toLowerCase()) throw fault("of another attempt");
    if (ENDS.has(entry.fact.t)) reference = referenceOf(hash);
    if (entry.fact.t === "reopened") reference = null;
    return entry.fact;
  });
  return { facts, head: hash.toString("hex"), reference };
}

function referenceOf(hash) {
  const bits = BigInt(`0x${hash.toString("hex")}`) >> 196n;
  const digits = Array.from({ length: 12 }, (_, place) => DIGITS[Number((bits >> BigInt(55 - 5 * place)) & 31n)]);
  return [0, 4, 8].map((start) => digits.slice(start, start + 4).join("")).join("-");
}
