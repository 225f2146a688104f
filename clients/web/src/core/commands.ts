/**
 * Staff commands whose fate is not known yet. A command says what somebody wanted at one moment: once that moment has
 * passed, it is sent only when a person says so again. Time is an argument.
 */

import type { StaffCommand } from "../generated/messages";

/** Older than this, a command is sent only after a person has said so again. */
export const FRESH_MS = 5_000;

/** When a command was given: by a clock that nobody sets, and by one that also runs while the device sleeps. */
export interface Given {
  local: number;
  wall: number;
}

export interface Pending {
  command: StaffCommand;
  given: Given;
  /** It has been on a wire: the server may have carried it out already. Sent again, it is still carried out once. */
  sent: boolean;
  /** A connection is there, and the command waits for a person. */
  held: boolean;
  /** What somebody else has done meanwhile, so that the server refused it; nil: nobody has. */
  meanwhile: string | null;
}

export class Commands {
  private readonly pending = new Map<string, Pending>();

  get size(): number {
    return this.pending.size;
  }

  /** Oldest first. */
  all(): Pending[] {
    return [...this.pending.values()];
  }

  add(command: StaffCommand, given: Given, sent: boolean): void {
    this.pending.set(command.command_id, { command, given, sent, held: false, meanwhile: null });
  }

  /** A connection has come: the commands to send at once. The others are held. */
  connected(now: Given): StaffCommand[] {
    const fresh: StaffCommand[] = [];
    for (const [id, one] of this.pending) {
      const held = one.held || ageOf(one, now) > FRESH_MS;
      if (!held) fresh.push(one.command);
      this.pending.set(id, { ...one, held, sent: one.sent || !held });
    }
    return fresh;
  }

  /** The server refused it, since somebody else has acted on the attempt: it waits for a person. */
  overtaken(command_id: string, meanwhile: string): boolean {
    const one = this.pending.get(command_id);
    if (one === undefined) return false;
    this.pending.set(command_id, { ...one, held: true, meanwhile });
    return true;
  }

  /**
   * A person wants a held command now: the command to send; null: it is not held any more. `seen_seq` is what the page
   * shows of the attempt by now, and so what the person has seen.
   */
  confirm(command_id: string, now: Given, seen_seq: number | null): StaffCommand | null {
    const one = this.pending.get(command_id);
    if (one === undefined || !one.held) return null;
    const command = one.command.t === "message" ? one.command : { ...one.command, seen_seq };
    this.pending.set(command_id, { command, given: now, held: false, sent: true, meanwhile: null });
    return command;
  }

  /** It is settled, or a person gives it up. */
  remove(command_id: string): StaffCommand | null {
    const one = this.pending.get(command_id);
    this.pending.delete(command_id);
    return one?.command ?? null;
  }
}

export function ageOf({ given }: Pending, now: Given): number {
  return Math.max(now.local - given.local, now.wall - given.wall);
}
