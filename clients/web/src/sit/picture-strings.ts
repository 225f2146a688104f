/** What the page says of pictures and scales, loaded with them. */

import type { Spot } from "../generated/rest";
import { S } from "./strings";

export const P = {
  one: "Choose one place in the picture.",
  several: "Choose places in the picture.",
  exactly: (most: number) => `Choose up to ${most} places in the picture.`,
  least: (least: number) => `At least ${least} are asked for.`,
  full: (most: number) => `${most} are chosen, which is the most. Take one back first.`,
  chosen: (what: string) => `Chosen: ${what}`,
  point: (most: number | null) =>
    most === 1
      ? "Set a point in the picture: click or tap, or add one and move it with the arrow keys."
      : `Set ${most === null ? "points" : `up to ${most} points`} in the picture: click or tap, or add one and move it with the arrow keys.`,
  addPoint: "Add a point",
  picture: "Picture with points",
  pointName: (place: number, x: string, y: string) =>
    `Point ${place}: ${x} across, ${y} down. The arrow keys move it, with Shift by one; Delete takes it away.`,
  pointAt: (place: number, x: string, y: string) => `Point ${place}: ${x} across, ${y} down`,
  across: (place: number) => `Point ${place}, across`,
  down: (place: number) => `Point ${place}, down`,
  acrossShort: "across",
  downShort: "down",
  pointGone: (place: number) => `Point ${place} is taken away.`,
  away: (what: string) => `Take away: ${what}`,
  order: "Choose the places in their order. Choosing one again takes it out.",
  place: (what: string, place: number) => `${what}, number ${place}`,
  noPlace: (what: string) => `${what}, no number`,
  numbered: (what: string, place: number, total: number) => `${what}: now ${place} of ${total}`,
  unnumbered: (what: string) => `${what} is taken out.`,
  put: "Choose something below, then the place in the picture where it belongs, or drag it there.",
  things: "What belongs into the picture",
  held: (what: string) => `${what} is held: choose a place in the picture.`,
  dropped: "Nothing is held.",
  has: (spot: string, what: string) => (what === "" ? `${spot}, empty` : `${spot}, has ${what}`),
  putOn: (what: string, spot: string) => `${what} is on ${spot}.`,
  backFrom: (what: string, spot: string) => `${what} is taken back from ${spot}.`,
  used: (what: string) => `${what}, used`,
  join: "Choose two places to join them by a line. Doing so again takes the line away.",
  from: (what: string) => `From ${what}: choose the other place.`,
  line: (from: string, to: string) => `${from} – ${to}`,
  joined: (from: string, to: string) => `${from} and ${to} are joined.`,
  parted: (from: string, to: string) => `${from} and ${to} are no longer joined.`,
  lines: "Lines",
  noRoom: "No more fits there. Take something back first.",
  slide: (lower: string, upper: string) => `A number from ${lower} to ${upper}`,
  unset: "Not answered yet: move the slider, or take the number as it stands.",
  keep: (number: string) => `Take ${number}`,
  less: "One step less",
  more: "One step more",
  unknownPicture: "This picture can't be shown.",
};

/** What a spot is called: by its author, or by its place among the others. */
export function spotName(spots: readonly Spot[], { spot_id, label = "" }: Spot): string {
  return label === "" ? S.question.spot(spots.findIndex((spot) => spot.spot_id === spot_id) + 1) : label;
}
