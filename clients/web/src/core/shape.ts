/**
 * Whether a value is what our server says, by the generated shapes. What is not (the page of a captive portal, a proxy's
 * error, half a reply) is nobody's answer: the network is lost, and nothing of it may reach the page.
 * A newer server may say more than an older page knows: fields too many are no fault.
 */

import { FIRST_SHAPES } from "../generated/first-shapes";
import type { INTERACTION_SHAPES, SHAPES } from "../generated/shapes";
import type { STAFF_SHAPES } from "../generated/staff-shapes";

export type ShapeName = keyof typeof FIRST_SHAPES | keyof typeof SHAPES | keyof typeof STAFF_SHAPES;

const known: Partial<Record<ShapeName, Readonly<Record<string, string>>>> = { ...FIRST_SHAPES };
const interactions: Partial<Record<string, ShapeName>> = {};

/** More shapes: a candidate's page loads what shows the start first, and never those of what staff are told. */
export function know(shapes: typeof SHAPES | typeof STAFF_SHAPES): void {
  Object.assign(known, shapes);
}

export function knowInteractions(shapes: typeof INTERACTION_SHAPES): void {
  Object.assign(interactions, shapes);
}

/** How deep the shapes lie in one another, at most: a value that is deeper is none of them. */
const DEEPEST = 8;

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value.every((one) => typeof one === "string");
}

function isPart(value: unknown): boolean {
  return typeof value === "string" || (Array.isArray(value) && value.every((one) => typeof one === "string" || isPair(one)));
}

function isValue(value: unknown): boolean {
  return value === null || isPart(value) || (typeof value === "object" && !Array.isArray(value) && Object.values(value).every(isPart));
}

/** One of a type that this page does not know yet is an interaction too: the page says so where it stands. */
function isInteraction(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null || !("type" in value) || typeof value.type !== "string") return false;
  const name = Object.hasOwn(interactions, value.type) ? interactions[value.type] : undefined;
  return name === undefined ? "response_id" in value && typeof value.response_id === "string" : isShaped(value, name, depth);
}

function fits(value: unknown, type: string, depth: number): boolean {
  if (type.includes(" | ")) return type.split(" | ").some((member) => fits(value, member, depth));
  if (type.endsWith("[]")) return Array.isArray(value) && value.every((one) => fits(one, type.slice(0, -2), depth));
  if (type.startsWith('"')) return value === JSON.parse(type);
  switch (type) {
    case "number":
      return Number.isSafeInteger(value);
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "null":
      return value === null;
    case "undefined":
      return value === undefined;
    case "Record<string, unknown>":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "Value":
      return isValue(value);
    case "PaperInteraction":
      return depth > 0 && isInteraction(value, depth - 1);
    default:
      return depth > 0 && isShaped(value, type as ShapeName, depth - 1);
  }
}

function isShaped(value: unknown, name: ShapeName, depth: number): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const fields = value as Record<string, unknown>;
  const shape = known[name];
  return shape !== undefined && Object.entries(shape).every(([field, type]) => fits(fields[field], type, depth));
}

export function hasShape(value: unknown, name: ShapeName): boolean {
  return isShaped(value, name, DEEPEST);
}
