/** Points as a marker types them, in thousandths; nothing is rounded. */

export function parsePoints(text: string): number | null {
  const found = /^(\d{1,6})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (found === null) return null;
  return Number(found[1]) * 1000 + Number((found[2] ?? "").padEnd(3, "0"));
}
