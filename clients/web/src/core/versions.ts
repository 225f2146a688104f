/** The versions of a test that can be chosen, the newest first. */

export function versionsOf(newest: number): number[] {
  return Array.from({ length: newest }, (_, at) => newest - at);
}
