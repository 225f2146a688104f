/** The divider between a passage and its question: the passage's share of the width, in hundredths. */

export const SHARE = { least: 25, most: 75, usual: 50, step: 5 } as const;

function within(share: number): number {
  return Math.min(SHARE.most, Math.max(SHARE.least, Math.round(share)));
}

/** What was kept; anything else is the usual share. */
export function readShare(text: string | null): number {
  const share = Number(text);
  return text !== null && Number.isFinite(share) && share !== 0 ? within(share) : SHARE.usual;
}

/** Where a pointer holds it, `x` from the left edge. */
export function shareAt(x: number, width: number, right_to_left: boolean): number {
  if (width <= 0) return SHARE.usual;
  return within(((right_to_left ? width - x : x) / width) * 100);
}

/** Where a key moves it; null: that key moves nothing. */
export function moved(share: number, key: string, right_to_left: boolean): number | null {
  const wider = right_to_left ? "ArrowLeft" : "ArrowRight";
  const narrower = right_to_left ? "ArrowRight" : "ArrowLeft";
  switch (key) {
    case wider:
      return within(share + SHARE.step);
    case narrower:
      return within(share - SHARE.step);
    case "Home":
      return SHARE.least;
    case "End":
      return SHARE.most;
    default:
      return null;
  }
}
