// Verifies the log of an attempt from what the server's `GET …/log` hands out.

import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { blake2b } from "./blake2b.mjs";
import { call } from "./rest.mjs";

const { decode } = createRequire(new URL("../../../clients/web/package.json", import.meta.url))("@msgpack/msgpack");

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ENDS = new Set(["submitted", "expired", "cancelled"]);

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

/** All entries of the log, in order, and the attempt's key. */
export async function readLog(url, token, attemptId) {
  const entries = [];
  let key = null;
  for (let after = 0; after !== null; ) {
    const page = await call(url, token, "GET", `/test-attempts/${attemptId}/log?after=${after}&limit=1000`);
    entries.push(...page.entries);
    key = page.key;
    after = page.next;
  }
  return { key, entries };
}

/** The decoded facts, the head and the reference of an intact log. Throws an error that names the first fault. */
export function verifyLog(attemptId, { key, entries }) {
  const keyBytes = Buffer.from(key, "hex");
  let hash = sha256(`pencilsdown log 1\n${attemptId.toLowerCase()}`);
  let reference = null;
  const facts = entries.map((line, place) => {
    const fault = (what) => new Error(`record ${place + 1} of ${attemptId}: ${what}`);
    const [headerBytes, bodyBytes] = [line.header, line.body].map((text) => Buffer.from(text, "base64"));
    hash = sha256(hash, headerBytes, Buffer.from(line.digest, "hex"));
    if (hash.toString("hex") !== line.hash) throw fault("its hash is wrong");
    if (blake2b(bodyBytes, keyBytes, 32).toString("hex") !== line.digest) throw fault("its digest is wrong");
    const [seq, atMs, kind, role] = decode(headerBytes);
    const { fact } = decode(bodyBytes);
    if (seq !== place + 1 || line.seq !== seq) throw fault("its number is wrong");
    if (line.at_ms !== atMs || line.role !== role) throw fault("its line says something else");
    if (line.kind !== kind || fact.t !== kind) throw fault(`its kind is ${line.kind}`);
    if ((place === 0) !== (kind === "created")) throw fault("an attempt is created once, and first");
    if (place === 0 && fact.identity.attempt_id !== attemptId.toLowerCase()) throw fault("of another attempt");
    if (ENDS.has(kind)) reference = referenceOf(hash);
    if (kind === "reopened") reference = null;
    return fact;
  });
  return { facts, head: hash.toString("hex"), reference };
}

function referenceOf(hash) {
  const bits = BigInt(`0x${hash.toString("hex")}`) >> 196n;
  const digits = Array.from({ length: 12 }, (_, place) => DIGITS[Number((bits >> BigInt(55 - 5 * place)) & 31n)]);
  return [0, 4, 8].map((start) => digits.slice(start, start + 4).join("")).join("-");
}
