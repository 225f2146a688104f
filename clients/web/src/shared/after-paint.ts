/** Calls when what has just changed is drawn. A page that nobody sees draws nothing: it calls at once. */
export function afterPaint(then: () => void): void {
  if (document.hidden) then();
  else requestAnimationFrame(() => setTimeout(then));
}
