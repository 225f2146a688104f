/** A part of a kept file: players of sound and film ask for parts, and some accept nothing else. */

/** The first and the last byte that `Range` asks for; null: it asks for none, or for what this can't give. */
export function rangeOf(range: string | null, size: number): [first: number, last: number] | null {
  const found = /^bytes=(\d*)-(\d*)$/.exec(range ?? "");
  if (found === null) return null;
  const [, from = "", to = ""] = found;
  if (from === "") {
    const count = Math.min(Number(to), size);
    return to === "" || count === 0 ? null : [size - count, size - 1];
  }
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return Number(from) > last ? null : [Number(from), last];
}
