/** Marking by a rubric: a level for each criterion, and the points that they come to. */

import type { Criterion, CriterionMark } from "../generated/rest";

/** The points of the level that was chosen, in thousandths, by the name of the criterion. */
export type Levels = Readonly<Record<string, number>>;

type Rubric = readonly Criterion[];

/** The points of all criteria, in thousandths; null: one of them has no level yet. */
export function sumOf(rubric: Rubric, levels: Levels): number | null {
  let sum = 0;
  for (const { name } of rubric) {
    const points_mpt = Object.hasOwn(levels, name) ? levels[name] : undefined;
    if (points_mpt === undefined) return null;
    sum += points_mpt;
  }
  return sum;
}

/** What was chosen, in the order of the rubric. */
export function criteriaOf(rubric: Rubric, levels: Levels): CriterionMark[] {
  return rubric.flatMap(({ name }) => {
    const score_mpt = Object.hasOwn(levels, name) ? levels[name] : undefined;
    return score_mpt === undefined ? [] : [{ name, score_mpt }];
  });
}

/** The levels that a mark was made of. Of two markers' mean no level may be worth as much: it is left out. */
export function levelsOf(rubric: Rubric, given: readonly CriterionMark[]): Levels {
  const fits = ({ name, score_mpt }: CriterionMark): boolean =>
    rubric.some((criterion) => criterion.name === name && criterion.levels.some(({ points_mpt }) => points_mpt === score_mpt));
  return Object.fromEntries(given.filter(fits).map(({ name, score_mpt }) => [name, score_mpt]));
}

/** What the best levels are worth together, in thousandths of a point. */
export function mostOf(rubric: Rubric): number {
  return rubric.reduce((sum, { levels }) => sum + Math.max(...levels.map(({ points_mpt }) => points_mpt)), 0);
}

/** Which level a key means: "1" is the first one; null: none. */
export function levelAt(criterion: Criterion, key: string): number | null {
  return /^[1-9]$/.test(key) ? (criterion.levels[Number(key) - 1]?.points_mpt ?? null) : null;
}
