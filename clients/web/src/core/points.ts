/** Points as a marker types them, in thousandths; nothing is rounded. They may lie below zero. */

export function parsePoints(text: string): number | null {
  const found = /^([-−]?)(\d{1,6})(?:[.,](\d{1,3}))?$/.exec(text.trim());
  if (found === null) return null;
  const size = Number(found[2]) * 1000 + Number((found[3] ?? "").padEnd(3, "0"));
  // Not −0.
  return found[1] === "" || size === 0 ? size : -size;
}
