/**
 * Seals answers for the server alone, so that they can be carried in a file: an exchange of keys on the curve P-256 with a key that is
 * made for this file, HKDF with SHA-256, AES-256-GCM. Only where the browser has `crypto.subtle`: https, or this machine.
 */

const FORMAT = "pencilsdown answers 1";
const EC = { name: "ECDH", namedCurve: "P-256" } as const;

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
}

function base64Of(bytes: ArrayBuffer | Uint8Array): string {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The text of the file. `key` is the attempt's public key, as the server gives it. */
export async function seal(key: string, attempt_id: string, content: object): Promise<string> {
  const { subtle } = crypto;
  const encoder = new TextEncoder();
  const theirs = await subtle.importKey("raw", bytesOf(key), EC, false, []);
  const once = await subtle.generateKey(EC, true, ["deriveBits"]);
  const point = await subtle.exportKey("raw", once.publicKey);
  const shared = await subtle.deriveBits({ name: "ECDH", public: theirs }, once.privateKey, 256);
  const secret = await subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const info = encoder.encode(`${FORMAT} ${attempt_id}`);
  const way = { name: "HKDF", hash: "SHA-256", salt: point, info };
  const aes = await subtle.deriveKey(way, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = encoder.encode(attempt_id);
  const box = await subtle.encrypt({ name: "AES-GCM", iv, additionalData }, aes, encoder.encode(JSON.stringify(content)));
  return JSON.stringify({ format: FORMAT, attempt_id, key: base64Of(point), iv: base64Of(iv), box: base64Of(box) });
}
