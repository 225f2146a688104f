/** The room as the page shows it. News is taken over a few times a second, on an animation frame, however fast it comes. */

import type { CommandBody } from "../core/actions";
import { NOBODY, toggled, type Selection } from "../core/bulk";
import type { Pending } from "../core/commands";
import type { Column } from "../core/columns";
import { countConcerns, type Concern } from "../core/concerns";
import { shown } from "../core/connection-state";
import { countByStatus, DEFAULT_VIEW, isIn, placesOf, select, type Group, type Place, type View } from "../core/monitor";
import { Known } from "../core/known";
import { overviewOf } from "../core/overview";
import { LOOK_MS, Pulse, type Beat } from "../core/pulse";
import { Losses, type GroupLoss } from "../core/losses";
import { countRoster, type Whereabout } from "../core/roster";
import { displayName, type Moment } from "../core/row";
import { isSilent } from "../core/silence";
import { undoOf } from "../core/undo";
import { HOLD_MS, NOTHING_HELD, steady, type Drawn } from "../core/steady";
import type { BulkProgress, Row, StaffCommand, ToInstructor } from "../generated/messages";
import type { SeenAlerts } from "../generated/rest";
import type { SmallStorage } from "../io/browser-storage";
import { device } from "../io/device";
import { MonitorSession, type CommandResult } from "../io/monitor-session";
import { openSocket } from "../io/socket";
import { S } from "./words.svelte";
import { refusedText } from "../shared/refused.svelte";

export interface Toast {
  id: number;
  kind: "done" | "refused";
  text: string;
  /** Takes back what it tells; null: nothing does. */
  undo: (() => void) | null;
}

/** A command that was given, without what it said. */
type Remembered = Pick<StaffCommand, "t" | "attempt_id">;

/** The list is chosen and sorted anew at most this often, */
const REFRESH_MS = 200;
/** and so seldom that it takes at most this share of the page's time: of ten thousand rows news comes all the time. */
const REFRESH_SHARE = 1 / 20;
const TOAST_MS = 6_000;
/** One that offers to take back what was done has to be read, and decided on. */
const UNDO_MS = 20_000;
const NO_MOMENT: Moment = { now: 0, heartbeat_ms: 0 };

export class RoomState {
  /** All that fit what is looked for, in their order. */
  rows = $state.raw<readonly Row[]>([]);
  /** The same as it is drawn: in the order that somebody has under her finger. */
  drawn = $state.raw<Drawn>({ rows: [], ...NOTHING_HELD });
  total = $state(0);
  /** All rows of the test. */
  everybody = $state.raw<readonly Row[]>([]);
  /** Until when staff have seen what they were alerted of, by attempt. */
  private seen: ReadonlyMap<string, number> = new Map();
  /** What happened over time. */
  beats = $state.raw<readonly Beat[]>([]);
  /** How many are in the part of the room that is looked at; `counts` and `concerns` are of that part too. */
  here = $state(0);
  /** What parts of the room there are to look at. */
  places = $state.raw(placesOf([]));
  groups = $state.raw<readonly Group[]>([]);
  counts = $state.raw<ReadonlyMap<string, number>>(new Map());
  complete = $state(false);
  title = $state("");
  acts = $state.raw<ReadonlySet<string>>(new Set());
  toasts = $state.raw<readonly Toast[]>([]);
  heard_ms = $state<number | null>(null);
  heard_local = $state(0);
  /** How many concern staff, by what for. */
  concerns = $state.raw(countConcerns([], NO_MOMENT));
  /** Where everybody is, each counted once. */
  roster = $state.raw(countRoster([]));
  /** Many who lost the connection at once. */
  group_losses = $state.raw<readonly GroupLoss[]>([]);
  overview = $state.raw(overviewOf([], NO_MOMENT));
  /** Each user id of the test that can be taken for another candidate's, with those others. */
  lookalikes = $state.raw<ReadonlyMap<string, readonly string[]>>(new Map());
  /** Commands whose fate is not known yet. */
  pending = $state.raw<readonly Pending[]>([]);
  /** Whom the next act on many is for. */
  selection = $state.raw<Selection>(NOBODY);
  token_ends_ms = $state<number | null>(null);
  view = $state.raw<View>(DEFAULT_VIEW);
  private readonly session: MonitorSession;
  connection;
  private readonly known = new Known();
  private readonly losses = new Losses();
  private readonly pulse: Pulse;
  private frame = 0;
  private waiting: ReturnType<typeof setTimeout> | undefined;
  private refreshed_at = 0;
  private refresh_took_ms = 0;
  private next_toast = 1;
  /** Until when the order of the list stays, by `performance.now()`. */
  private still_until = 0;
  private has_focus = false;
  /** What is noted of commands. */
  private noted = "";
  private letting_go: ReturnType<typeof setTimeout> | undefined;

  /** Commands that a reload of this page has made it forget, until their names are known. */
  private forgotten: readonly Remembered[];

  /** `storage` outlives a reload, where the browser allows that. `view` is how the room is looked at first, and
   * `viewed` hears when that changes. */
  constructor(
    private readonly test_id: string,
    token: string,
    private readonly storage: SmallStorage,
    bulk: (progress: BulkProgress) => void,
    view: View,
    private readonly viewed: (view: View) => void,
  ) {
    this.forgotten = this.recall();
    this.pulse = Pulse.recalled(storage.getItem(this.pulsed));
    this.beats = this.pulse.beats;
    this.view = { ...view, text: storage.getItem(this.searched) ?? "" };
    this.session = new MonitorSession(test_id, token, openSocket<ToInstructor>, device, {
      changed: () => this.refreshSoon(),
      result: (result) => this.tell(result),
      bulk,
      trouble: ({ code, detail }) => this.toast("refused", refusedText(code, detail)),
    });
    this.connection = $state.raw(this.session.connection);
    $effect(() => {
      this.session.start();
      // A page that nobody sees draws nothing, and looks all the same.
      const looking = setInterval(() => this.takePulse(), LOOK_MS / 6);
      return () => {
        clearInterval(looking);
        clearTimeout(this.waiting);
        cancelAnimationFrame(this.frame);
        clearTimeout(this.letting_go);
        this.session.stop();
      };
    });
  }

  now(): number {
    return this.session.now();
  }

  /** What the server's clock shows at the least. */
  earliest(): number {
    return this.session.earliest();
  }

  get moment(): Moment {
    return { now: this.session.now(), heartbeat_ms: this.session.connection.heartbeat_ms, seen: this.seen };
  }

  sawAlerts(marks: ReadonlyMap<string, SeenAlerts>): void {
    this.seen = new Map([...marks].map(([attempt_id, { until_ms }]) => [attempt_id, until_ms ?? -Infinity]));
    this.refreshSoon();
  }

  get(attempt_id: string): Row | undefined {
    return this.session.rows.get(attempt_id);
  }

  command(body: CommandBody): void {
    this.session.command(body);
    // A page that is left at once must ask, and tell it afterwards.
    this.remember();
  }

  choose(attempt_id: string): void {
    this.selection = toggled(this.selection, attempt_id, this.rows);
  }

  /** All that the list shows, now and a moment later; or nobody. */
  selectAll(all: boolean): void {
    this.selection = { ...NOBODY, all };
  }

  sendNow(command_id: string): void {
    this.session.sendNow(command_id);
    this.refresh();
  }

  discard(command_id: string): void {
    this.session.discard(command_id);
    this.refresh();
  }

  nameOf(attempt_id: string): string {
    const row = this.get(attempt_id);
    return row === undefined ? attempt_id : displayName(row);
  }

  reconnect(): void {
    this.session.reconnect();
  }

  nudge(): void {
    this.session.nudge();
  }

  offline(): void {
    this.session.offline();
  }

  search(text: string): void {
    this.storage.setItem(this.searched, text);
    this.look({ ...this.view, text });
  }

  /** Somebody does something in the list: its order stays for a while. */
  holdStill(): void {
    this.still_until = performance.now() + HOLD_MS;
    clearTimeout(this.letting_go);
    this.letting_go = setTimeout(() => this.refresh(), HOLD_MS);
  }

  /** The keyboard's focus is in the list, or has left it: as long as it is there the order stays. */
  focusIn(list: boolean): void {
    this.has_focus = list;
    this.holdStill();
  }

  /** The list has its order again. */
  letGo(): void {
    this.still_until = 0;
    this.has_focus = false;
    this.list();
    // Whoever has pressed something waits for the list; the counts follow.
    this.refreshSoon();
  }

  sortBy(sort: Column): void {
    const descending = this.view.sort === sort && !this.view.descending;
    this.view = { ...this.view, sort, descending };
    this.viewed(this.view);
    this.letGo();
  }

  /** Which columns are shown, in this order. */
  arrange(columns: readonly Column[]): void {
    this.view = { ...this.view, columns };
    this.viewed(this.view);
  }

  /** Another view, but for what is searched for. */
  show(view: View): void {
    const { group } = view.place;
    const known = group === null ? null : (this.groups.find(({ group_id }) => group_id === group.group_id) ?? group);
    this.look({ ...view, place: { ...view.place, group: known }, text: this.view.text });
  }

  /** Shows one status alone; the same again, or null, shows all. */
  only(status: string | null): void {
    const again = status !== null && this.view.statuses.has(status);
    this.look({ ...this.view, concern: null, where: null, statuses: new Set(status === null || again ? [] : [status]) });
  }

  /** A part of the room; what is not said stays. */
  lookAt(place: Partial<Place>): void {
    this.look({ ...this.view, place: { ...this.view.place, ...place } });
  }

  /** Who is in which group now. Whoever is looked at and chosen stays so. */
  grouped(groups: readonly Group[]): void {
    this.groups = groups;
    const { group } = this.view.place;
    if (group === null) return;
    const now = groups.find(({ group_id }) => group_id === group.group_id) ?? { ...group, user_ids: new Set() };
    this.view = { ...this.view, place: { ...this.view.place, group: now } };
    this.refresh();
  }

  /** Those alone who are there; again: all. */
  onlyWhere(where: Whereabout): void {
    this.look({ ...this.view, statuses: new Set(), concern: null, where: this.view.where === where ? null : where });
  }

  /** Those alone who concern staff for this; again: all. */
  onlyConcern(concern: Concern): void {
    this.look({ ...this.view, statuses: new Set(), where: null, concern: this.view.concern === concern ? null : concern });
  }

  toast(kind: Toast["kind"], text: string, undo: Toast["undo"] = null): void {
    const id = this.next_toast++;
    this.toasts = [...this.toasts, { id, kind, text, undo }];
    // A refusal stays until somebody has read it.
    if (kind === "done") setTimeout(() => this.dismiss(id), undo === null ? TOAST_MS : UNDO_MS);
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  private look(view: View): void {
    this.view = view;
    // Whoever was chosen may be out of sight now: nobody is acted on unseen.
    this.selection = NOBODY;
    this.viewed(view);
    this.letGo();
  }

  /** A timer waits until it is due, and only then a frame: frames that draw nothing cost half as much as the news themselves. */
  private refreshSoon(): void {
    if (this.waiting !== undefined || this.frame !== 0) return;
    const due = this.refreshed_at + Math.max(REFRESH_MS, this.refresh_took_ms / REFRESH_SHARE);
    this.waiting = setTimeout(() => {
      this.waiting = undefined;
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.refresh();
      });
    }, due - performance.now());
  }

  /** The list alone, of the newest rows. */
  private list(): { all: readonly Row[]; here: readonly Row[] } {
    const { session } = this;
    const all = session.rows.all();
    const here = all.filter((row) => isIn(this.view.place, row));
    this.rows = select(here, this.view, this.known.look(all), this.moment);
    const still = this.has_focus || performance.now() < this.still_until;
    this.drawn = still ? steady(this.drawn.rows, this.rows, (id) => session.rows.get(id)) : { rows: this.rows, ...NOTHING_HELD };
    this.everybody = all;
    this.total = all.length;
    this.here = here.length;
    return { all, here };
  }

  private refresh(): void {
    this.refreshed_at = performance.now();
    const { session } = this;
    const { all, here } = this.list();
    this.counts = countByStatus(here);
    this.places = placesOf(all);
    this.complete = session.rows.complete;
    this.title = session.title;
    this.acts = session.acts;
    this.heard_ms = session.heard_ms;
    this.heard_local = session.heard_local;
    this.concerns = countConcerns(here, this.moment);
    this.roster = countRoster(here);
    this.losses.look(all, this.moment.now);
    this.group_losses = this.losses.groups((id) => session.rows.get(id));
    this.overview = overviewOf(here, this.moment);
    this.lookalikes = this.known.lookalikes;
    this.token_ends_ms = session.token_ends_ms;
    this.connection = session.connection;
    this.remember();
    this.refresh_took_ms = performance.now() - this.refreshed_at;
  }

  /** A look at the room for the curves over time, where news come. */
  private takePulse(): void {
    const { session, moment } = this;
    const silent = isSilent(session.connection, session.heard_local, device.local());
    if (!session.rows.complete || shown(session.connection) !== "live" || silent) return;
    if (!this.pulse.look(session.rows.all(), moment)) return;
    this.beats = this.pulse.beats;
    this.storage.setItem(this.pulsed, this.pulse.kept());
  }

  private get pulsed(): string {
    return `pencilsdown monitor pulse ${this.test_id}`;
  }

  private undoing(command: StaffCommand, seq: number | null): Toast["undo"] {
    const back = seq === null ? null : undoOf(command, seq, S.undo.reason);
    return back === null || !this.acts.has(back.t) ? null : () => this.command(back);
  }

  private get searched(): string {
    return `pencilsdown monitor search ${this.test_id}`;
  }

  private get key(): string {
    return `pencilsdown monitor commands ${this.test_id}`;
  }

  /** A reload must not make commands vanish without a word: what was asked for is noted, to be told afterwards. */
  private remember(): void {
    this.pending = this.session.pending;
    if (this.complete && this.forgotten.length > 0) {
      for (const { t, attempt_id } of this.forgotten) {
        this.toast("refused", S.toast.forgotten({ action: S.toast.asked[t], name: this.nameOf(attempt_id) }));
      }
      this.forgotten = [];
    }
    const asked = this.pending.map(({ command: { t, attempt_id } }) => ({ t, attempt_id }));
    const noted = JSON.stringify([...this.forgotten, ...asked]);
    if (noted !== this.noted) this.storage.setItem(this.key, noted);
    this.noted = noted;
  }

  private recall(): Remembered[] {
    return JSON.parse(this.storage.getItem(this.key) ?? "[]") as Remembered[];
  }

  private tell({ command, refused, seq }: CommandResult): void {
    const name = this.nameOf(command.attempt_id);
    if (refused === null) this.toast("done", S.toast.done({ action: S.toast.did[command.t], name }), this.undoing(command, seq));
    else this.toast("refused", S.toast.refused({ action: S.toast.asked[command.t], name, why: refusedText(refused.code, refused.detail) }));
  }
}
