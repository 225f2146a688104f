/** What Safe Exam Browser tells its pages by its JavaScript API: hashes of this page's address with its keys. */

export const PAGE_HEADER = "pencilsdown-safe-exam-browser";

interface Security {
  configKey?: string;
  browserExamKey?: string;
}

/** As the server reads it: the address and both hashes; null: this is another browser, or one that says nothing. */
export function browserProof(): string | null {
  if (typeof window === "undefined") return null;
  const { security } = (window as { SafeExamBrowser?: { security?: Security } }).SafeExamBrowser ?? {};
  if (security === undefined) return null;
  return [location.href.split("#")[0], security.configKey || "-", security.browserExamKey || "-"].join(" ");
}
