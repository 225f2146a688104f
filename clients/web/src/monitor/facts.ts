/** The cells of a row in words. */

import { displayName, hasHeard, isCollecting, lastContact, leftOf, quietMs, type Moment } from "../core/row";
import { formatLeft, formatOver } from "../core/format";
import { newEnds } from "../core/overview";
import type { Row, RowAct, StaffCommand } from "../generated/messages";
import type { ExpectedPerson } from "../generated/rest";
import type { Act } from "../core/bulk";
import type { Column } from "../core/columns";
import { inBrief } from "./granted";
import { ACTED, as, COLUMN, MESSAGE, ROW_CONNECTION, S, STATUS, WHEREABOUT } from "./words.svelte";

export function statusText(row: Row, now: number): string {
  if ((row.over_since_ms ?? null) !== null) return S.over;
  if (endsOnReturn(row)) return S.away;
  if (isCollecting(row, now)) return row.ended_by_staff ? S.collectingByStaff : S.collecting;
  if (row.status === "expired") return row.ended_by_staff ? S.endedByStaff : S.timeUp;
  if (row.status === "completed" && row.ended_by_staff) return S.markedByStaff;
  return STATUS[row.status] ?? row.status;
}

/** The pause ends by itself when the candidate is back: nobody has to resume it. */
export function endsOnReturn({ pause }: Row): boolean {
  return pause === "connection" || pause === "return";
}

export function leftText(row: Row, now: number): string {
  if ((row.over_since_ms ?? null) !== null) return formatOver(now - row.over_since_ms!);
  const left = leftOf(row, now);
  if (left !== null) return formatLeft(left);
  return row.status === "in_progress" ? S.noLimit : S.none;
}

/** `live`: this page is connected; otherwise nobody's connection is known. */
export function connectionText(row: Row, moment: Moment, live: boolean): string {
  const quiet_ms = live ? quietMs(row, moment) : null;
  if (quiet_ms !== null) return S.quiet({ age: as.brief(quiet_ms) });
  const connection = live ? row.connection : "unknown";
  return ROW_CONNECTION[connection] ?? connection;
}

export function seenText(row: Row, moment: Moment, live: boolean): string {
  const last = lastContact(row);
  if (last === null) return S.none;
  const ago = Math.max(0, moment.now - last.at_ms);
  if (last.at_most) return S.atMost({ age: as.brief(ago) });
  return live && row.connection === "online" && quietMs(row, moment) === null ? S.now : S.ago({ age: as.brief(ago) });
}

const signed = (ms: number): string => (ms >= 0 ? `+${as.brief(ms)}` : `−${as.brief(-ms)}`);

/** So long it is said that an act has reached her page. */
const HEARD_LATELY_MS = 60_000;

/** How far the newest act of staff has come; null: nothing worth a word. */
export function actText(row: Row, now: number): string | null {
  const heard = hasHeard(row);
  if (heard === null || row.act == null) return null;
  const what = lastActText(row.act);
  if (!heard) return S.notHeard({ what });
  return now - row.act.at_ms < HEARD_LATELY_MS ? S.heard({ what }) : null;
}

function lastActText({ kind, ms }: RowAct): string {
  return kind === "extended" ? signed(ms ?? 0) : (ACTED[kind] ?? kind);
}

export function scoreText(row: Row): string {
  if (row.awaiting_marks > 0) return S.toMark({ n: row.awaiting_marks });
  if (row.score_mpt === null || row.max_mpt === null) return S.none;
  return S.score({ score: as.points(row.score_mpt), most: as.points(row.max_mpt) });
}

/** What a column says of a row. */
export function cellText(column: Column, row: Row, moment: Moment, live: boolean): string {
  const { now } = moment;
  switch (column) {
    case "name":
      return displayName(row);
    case "status":
      return statusText(row, now);
    case "connection":
      return connectionText(row, moment, live);
    case "question":
      return row.started_at_ms === null ? S.none : String(row.question_index + 1);
    case "answered":
      return S.answered({ answered: row.answered, total: row.total });
    case "left":
      return leftText(row, now);
    case "seen":
      return seenText(row, moment, live);
    case "message":
      return row.message === null ? S.none : (MESSAGE[row.message] ?? row.message);
    case "score":
      return scoreText(row);
    case "user":
      return row.user_id;
    case "attempt":
      return String(row.attempt_number);
    case "section":
      return row.section_id ?? S.none;
    case "branch":
      return row.branch_id ?? S.none;
    case "flagged":
      return String(row.flagged);
    case "started":
      return row.started_at_ms === null ? S.none : as.moment(row.started_at_ms, now);
    case "ended":
      return row.ended_at_ms === null ? S.none : as.moment(row.ended_at_ms, now);
    case "granted":
      return row.accommodation == null ? S.none : inBrief(row.accommodation);
    case "warnings":
      return String(row.warnings?.length ?? 0);
    case "act":
      return row.act == null ? S.none : lastActText(row.act);
  }
}

/** What a command would do, after the name of whom it is for. */
export function commandText(command: StaffCommand): string {
  const what = S.held.what;
  switch (command.t) {
    case "extend":
      return command.add_ms >= 0 ? what.extend({ time: as.duration(command.add_ms) }) : what.take({ time: as.duration(-command.add_ms) });
    case "message":
      return what.message({ text: command.text });
    case "warn":
      return what.warn({ reason: command.reason });
    case "reopen":
      return command.left_ms === null ? what.reopen_unlimited : what.reopen({ time: as.duration(command.left_ms) });
    case "accommodate":
      return what.accommodate({ time: as.duration(command.extra_time_ms ?? 0) });
    case "pause":
    case "resume":
    case "end":
    case "cancel":
    case "reinstate":
    case "admit":
    case "accept":
    case "allow_device":
    case "acknowledge_hand":
    case "apply_rules":
      return what[command.t];
  }
}

/** How far an act on many has come. */
export function progressText({ total, done, refused, ended }: Act): string {
  const P = S.bulk.progress;
  const less = refused > 0 ? P.less({ refused }) : "";
  return ended ? `${P.done({ done, total })}${less}.` : `${P.going({ settled: done + refused, total })}${less}…`;
}

/** The rows as a table: a column for each that is shown, and the ids. Behind them who is expected (or, `closed`, absent) and has no row. */
export function tableOf(
  rows: readonly Row[],
  columns: readonly Column[],
  moment: Moment,
  live: boolean,
  people: readonly ExpectedPerson[],
  closed: boolean,
): string[][] {
  const known = ({ user_id, name, branch_id }: ExpectedPerson): Partial<Record<Column, string>> => ({
    name: name || user_id,
    status: WHEREABOUT[closed ? "absent" : "expected"],
    branch: branch_id ?? S.none,
  });
  const others = people.map((one) => [...columns.map((column) => known(one)[column] ?? S.none), one.user_id, ""]);
  const head = [...columns.map((column) => COLUMN[column]), S.csvIds.user, S.csvIds.attempt];
  return [head, ...rows.map((row) => [...columns.map((column) => cellText(column, row, moment, live)), row.user_id, row.attempt_id]), ...others];
}

/** When these will end with so much more time; null: nothing can be said. */
export function endsText(rows: readonly Row[], add_ms: number, now: number): string | null {
  const ends = newEnds(rows, add_ms, now);
  if (ends === null) return null;
  const [first, last] = [as.moment(ends.first_ms, now), as.moment(ends.last_ms, now)];
  const said = first === last ? S.dialog.newEnd({ at: first }) : S.dialog.newEnds({ first, last });
  return ends.standing === 0 ? said : said + S.dialog.newStanding({ n: ends.standing });
}
