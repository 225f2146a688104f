/** A place in the attempt's log, of which the server has said that it is durable: the number of a record, and its hash. */
export interface Position {
  seq: number;
  head: string;
}

/** The further of two places in one log. */
export function further(one: Position | null, { seq, head }: Position): Position {
  return one !== null && one.seq >= seq ? one : { seq, head };
}
