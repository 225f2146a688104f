/** Pairs that an answer is made of: which can be made, and what becomes of the others when one is. */

import type { PartValue } from "../generated/messages";
import type { PairSpot, PaperAssociate, PaperGapMatch, PaperGraphicAssociate, PaperGraphicGapMatch, PaperMatch, PairOption } from "../generated/rest";
import { gapsIn } from "./places";

export type Pairing = PaperMatch | PaperGapMatch | PaperAssociate | PaperGraphicGapMatch | PaperGraphicAssociate;
export type Pair = readonly [string, string];

/** What can be paired. Where it is one set, a pair is the same in either direction. */
export interface Sides {
  sources: readonly PairOption[];
  targets: readonly PairOption[];
  one: boolean;
  most: number | null;
}

export function sidesOf(asked: Pairing): Sides {
  const most = asked.max_pairs;
  switch (asked.type) {
    case "match":
      return { sources: asked.rows, targets: asked.columns, one: false, most };
    case "gap_match":
      return { sources: asked.choices, targets: gapsIn(asked.text).map((option_id) => ({ option_id, body: "", max_uses: 1 })), one: false, most };
    case "associate":
      return { sources: asked.choices, targets: asked.choices, one: true, most };
    case "graphic_gap_match":
      return { sources: asked.choices, targets: optionsOf(asked.spots), one: false, most };
    case "graphic_associate":
      return { sources: optionsOf(asked.spots), targets: optionsOf(asked.spots), one: true, most };
  }
}

function optionsOf(spots: readonly PairSpot[]): PairOption[] {
  return spots.map(({ spot_id, max_uses = null }) => ({ option_id: spot_id, body: "", max_uses }));
}

export function pairsOf(part: PartValue | null): Pair[] {
  if (!Array.isArray(part)) return [];
  return part.flatMap((pair) => (Array.isArray(pair) ? [[pair[0] ?? "", pair[1] ?? ""] as const] : []));
}

/** The answer that pairs are: in the order of the paper, so that the same pairs are always the same answer. */
export function partOfPairs(sides: Sides, pairs: readonly Pair[]): PartValue | null {
  const [from, to] = [placesOf(sides.sources), placesOf(sides.targets)];
  const at = (places: ReadonlyMap<string, number>, id: string): number => places.get(id) ?? -1;
  const directed = pairs.map((pair): Pair => (sides.one && at(from, pair[0]) > at(from, pair[1]) ? [pair[1], pair[0]] : pair));
  directed.sort((a, b) => at(from, a[0]) - at(from, b[0]) || at(to, a[1]) - at(to, b[1]));
  return directed.length === 0 ? null : directed.map((pair) => [...pair]);
}

function placesOf(options: readonly PairOption[]): Map<string, number> {
  return new Map(options.map(({ option_id }, place) => [option_id, place]));
}

function isSame(sides: Sides, a: Pair, b: Pair): boolean {
  return (a[0] === b[0] && a[1] === b[1]) || (sides.one && a[0] === b[1] && a[1] === b[0]);
}

export function hasPair(sides: Sides, pairs: readonly Pair[], pair: Pair): boolean {
  return pairs.some((one) => isSame(sides, one, pair));
}

export function withoutPair(sides: Sides, pairs: readonly Pair[], pair: Pair): Pair[] {
  return pairs.filter((one) => !isSame(sides, one, pair));
}

/** In how many pairs something of one side stands: 0 the sources, 1 the targets. */
export function usesOf(sides: Sides, pairs: readonly Pair[], side: 0 | 1, id: string): number {
  return pairs.filter((pair) => pair[side] === id || (sides.one && pair[1 - side] === id)).length;
}

/** Whether it may stand in one more pair. */
export function hasUse(sides: Sides, pairs: readonly Pair[], side: 0 | 1, option: PairOption): boolean {
  return usesOf(sides, pairs, side, option.option_id) < (option.max_uses ?? Infinity);
}

/**
 * The pairs with one more. What may be used once leaves the pair in which it stands, as a thing does that is put
 * elsewhere. Null: there is no room, because something is used as often as it may be, or as many pairs are made.
 */
export function withPair(sides: Sides, pairs: readonly Pair[], pair: Pair): Pair[] | null {
  if (hasPair(sides, pairs, pair)) return [...pairs];
  if (sides.one && pair[0] === pair[1]) return null;
  let kept = [...pairs];
  for (const side of [0, 1] as const) {
    const option = (side === 0 ? sides.sources : sides.targets).find(({ option_id }) => option_id === pair[side]);
    if (option === undefined) return null;
    if (hasUse(sides, kept, side, option)) continue;
    if (option.max_uses !== 1) return null;
    kept = kept.filter((one) => one[side] !== pair[side] && !(sides.one && one[1 - side] === pair[side]));
  }
  return sides.most !== null && kept.length >= sides.most ? null : [...kept, pair];
}
