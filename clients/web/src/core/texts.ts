/** What people write to people: messages of staff, and reasons. */

const SEEN = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u2800]/u;

/** Whether nobody would see any of it, as the server judges it: it has white space, control and invisible characters alone. */
export function showsNothing(text: string): boolean {
  return !SEEN.test(text);
}
