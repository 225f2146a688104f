/** What is highlighted in one text: stretches from one character to before another, in order, apart from each other. */

export type Stretch = readonly [from: number, to: number];

/** Of more in one text no further one is kept. */
export const MAX_STRETCHES = 200;

/** What is highlighted wholly is taken out; all else is put in, together with what it touches. */
export function toggled(marked: readonly Stretch[], [from, to]: Stretch): readonly Stretch[] {
  if (to <= from) return marked;
  if (marked.some((one) => one[0] <= from && to <= one[1])) {
    return marked.flatMap((one): Stretch[] => {
      if (one[1] <= from || to <= one[0]) return [one];
      const rest: Stretch[] = [
        [one[0], from],
        [to, one[1]],
      ];
      return rest.filter(([start, end]) => start < end);
    });
  }
  const apart = marked.filter((one) => one[1] < from || to < one[0]);
  const touched = marked.filter((one) => !apart.includes(one));
  if (apart.length >= MAX_STRETCHES) return marked;
  const whole: Stretch = [Math.min(from, ...touched.map(([start]) => start)), Math.max(to, ...touched.map(([, end]) => end))];
  return [...apart, whole].sort((one, other) => one[0] - other[0]);
}
