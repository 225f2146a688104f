/** The numbers of a slider. They are counted in its smallest decimal place, so that none is rounded. */

import type { PaperSlider } from "../generated/rest";

type Scale = Pick<PaperSlider, "lower" | "upper" | "step">;

function placesOf({ lower, upper, step }: Scale): number {
  return Math.max(...[lower, upper, step].map((text) => text.split(".")[1]?.length ?? 0));
}

function counted(text: string, places: number): bigint {
  const [whole = "", part = ""] = text.replace("-", "").split(".");
  const count = BigInt(whole + part.padEnd(places, "0").slice(0, places));
  return text.startsWith("-") ? -count : count;
}

/** From the first number to the last. */
export function stepsOf(scale: Scale): number {
  const places = placesOf(scale);
  return Number((counted(scale.upper, places) - counted(scale.lower, places)) / counted(scale.step, places));
}

/** The number that many steps above the first, as it is answered: "2.5". */
export function numberAt(scale: Scale, steps: number): string {
  const places = placesOf(scale);
  const count = counted(scale.lower, places) + BigInt(steps) * counted(scale.step, places);
  const digits = String(count < 0n ? -count : count).padStart(places + 1, "0");
  const [whole, part] = [digits.slice(0, digits.length - places), digits.slice(digits.length - places).replace(/0+$/, "")];
  return `${count < 0n ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}`;
}

/** How many steps above the first a number is. */
export function stepsAt(scale: Scale, number: string): number {
  const places = Math.max(placesOf(scale), number.split(".")[1]?.length ?? 0);
  return Number((counted(number, places) - counted(scale.lower, places)) / counted(scale.step, places));
}
