/** Where something is on a picture that is shown larger or smaller than its own units say: in shares of its sides. */

import type { Picture, Spot } from "../generated/rest";

export type Side = "width" | "height";
export type Point = readonly [x: string, y: string];

/** The box around an area, in hundredths of the picture's sides, and what of the box is inside of the area. */
export interface Box {
  left: string;
  top: string;
  width: string;
  height: string;
  /** For CSS: a control with it takes no click beside its area. */
  clip: string;
}

type Area = Pick<Spot, "shape" | "coords">;
type Edges = readonly [left: number, top: number, right: number, bottom: number];

function edgesOf({ shape, coords }: Area): Edges {
  const [a = 0, b = 0, c = 0, d = c] = coords;
  switch (shape) {
    case "rect":
      return [a, b, c, d];
    case "circle":
    case "ellipse":
      return [a - c, b - d, a + c, b + d];
    case "poly": {
      const [xs, ys] = [everySecond(coords, 0), everySecond(coords, 1)];
      return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    }
  }
}

function everySecond(coords: readonly number[], first: 0 | 1): number[] {
  return coords.filter((_, place) => place % 2 === first);
}

/** A length as a share of a whole, as CSS has it. */
export function share(part: number, whole: number): string {
  return `${String(Math.round((1_000_000 * part) / whole) / 10_000)}%`;
}

export function boxOf(area: Area, picture: Picture): Box {
  const [left, top, right, bottom] = edgesOf(area);
  return {
    left: share(left, picture.width),
    top: share(top, picture.height),
    width: share(right - left, picture.width),
    height: share(bottom - top, picture.height),
    clip: clipOf(area, [left, top, right, bottom]),
  };
}

function clipOf({ shape, coords }: Area, [left, top, right, bottom]: Edges): string {
  if (shape === "rect") return "none";
  if (shape !== "poly") return "ellipse(50% 50% at 50% 50%)";
  const [xs, ys] = [everySecond(coords, 0), everySecond(coords, 1)];
  return `polygon(evenodd, ${xs.map((x, at) => `${share(x - left, right - left)} ${share((ys[at] ?? top) - top, bottom - top)}`).join(", ")})`;
}

/** The middle of its box, in the picture's units. */
export function middleOf(area: Area): readonly [x: number, y: number] {
  const [left, top, right, bottom] = edgesOf(area);
  return [(left + right) / 2, (top + bottom) / 2];
}

/** The unit of the picture at a place of it that is told in shares of its sides: inside of it, and whole. */
export function unitAt(picture: Picture, across: number, down: number): Point {
  const within = (part: number, side: Side): string => String(Math.round(Math.min(1, Math.max(0, part)) * picture[side]));
  return [within(across, "width"), within(down, "height")];
}

/** A point some units further, as far as the picture goes. */
export function moved(picture: Picture, [x, y]: Point, right: number, down: number): Point {
  return unitAt(picture, (Number(x) + right) / picture.width, (Number(y) + down) / picture.height);
}

/** How far an arrow key moves a point: about a hundredth of the picture. */
export function stepOf(picture: Picture): number {
  return Math.max(1, Math.round(Math.max(picture.width, picture.height) / 100));
}

/** The point itself, or the nearest one beside it where none of the others is: no answer has a point twice. */
export function besides(picture: Picture, point: Point, others: readonly Point[]): Point {
  const taken = new Set(others.map((other) => other.join()));
  let found = point;
  for (let n = 1; taken.has(found.join()); n++) found = moved(picture, point, n % 2 === 0 ? -n / 2 : (n + 1) / 2, 0);
  return found;
}
