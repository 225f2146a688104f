/** Every text of the monitor page that does not come from the server. */

import type { Shown } from "../core/connection";
import { formatDuration } from "../core/format";
import type { Action, Asked } from "../core/actions";
import type { Act, BulkAction } from "../core/bulk";
import type { Concern } from "../core/concerns";
import type { Whereabout } from "../core/roster";
import type { Column } from "../core/columns";
import type { StaffCommand } from "../generated/messages";

/** "12 s", "5 min", "3 h", "2 d": it must fit into a column. */
function brief(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

function people(n: number): string {
  return n === 1 ? "1 candidate" : `${n} candidates`;
}

export const CONNECTION: Record<Shown, string> = {
  live: "Live",
  rest: "Live",
  connecting: "Connecting…",
  waiting: "No connection",
  ended: "Not connected",
};

export const STATUS: Record<string, string> = {
  initiated: "Not started",
  in_progress: "Working",
  paused: "Paused",
  submitted: "Handed in",
  expired: "Collected",
  cancelled: "Cancelled",
  completed: "Marked",
  absent: "Absent",
  abandoned: "Not handed in",
};

export const ROW_CONNECTION: Record<string, string> = { online: "Online", offline: "Offline", unknown: "Unknown" };

export const MESSAGE: Record<string, string> = { queued: "Queued", delivered: "Delivered", seen: "Read" };

export const HAND: Record<string, string> = { raised: "Hand is up", acknowledged: "Hand seen" };

export const LINK: Record<string, string> = {
  unused: "Not opened yet",
  bound: "Opens on one device",
  released: "Next device may open it",
};

export const ADMISSION: Record<string, string> = { waiting: "Waits to be let in", admitted: "Let in" };

/** Filters for what staff look for at a glance. */
export const CONCERN: Record<Concern, string> = {
  hands: "Hands up",
  alerted: "Integrity alerts",
  waiting: "Waiting to be let in",
  late: "Late answers",
  away: "Offline",
  quiet: "Quiet",
  forgotten: "Forgotten pauses",
  lost: "Records missing",
  soon: "Under 5 minutes",
  idle: "Idle for 5 minutes",
  unheard: "Has not heard an act",
  unread: "Message unread",
  warned: "Warned",
  noticed: "Something noticed",
  granted: "Extra time or own window",
};

/** What staff did last, by the kind of its record. */
export const ACTED: Record<string, string> = {
  paused: "Pause",
  resumed: "Going on",
  extended: "More time",
  formally_warned: "Warning",
  collected: "The end",
  reinstated: "Valid again",
  admitted: "Let in",
  reopened: "Reopened",
  device_allowed: "Device",
  hand_acknowledged: "Hand seen",
  accommodated: "Extra time",
  retermed: "New rules",
};

export const COLUMN: Record<Column, string> = {
  name: "Name",
  status: "Status",
  connection: "Connection",
  question: "Question",
  answered: "Answered",
  left: "Time left",
  seen: "Last seen",
  message: "Told",
  score: "Result",
  user: "User id",
  attempt: "Attempt",
  section: "Section",
  branch: "Branch",
  flagged: "Flagged",
  started: "Started",
  ended: "Ended",
  granted: "Granted",
  warnings: "Warnings",
  act: "Last act",
};

export const ACTION: Record<Action, string> = {
  pause: "Pause",
  resume: "Resume",
  extend: "Give more time…",
  message: "Send a message…",
  warn: "Give a formal warning…",
  end: "End now…",
  cancel: "Cancel the attempt…",
  reinstate: "Make it valid again…",
  admit: "Let in",
  reopen: "Reopen…",
  accept: "Accept as it is…",
  allow_device: "Allow another device…",
  acknowledge_hand: "Hand seen",
  accommodate: "Set extra time…",
  apply_rules: "Apply the test's new rules…",
  mark: "Mark answers…",
  grant_attempt: "Grant a further attempt…",
};

/** Buttons of acts on many. */
export const BULK_ACTION: Record<BulkAction, string> = {
  pause: "Pause",
  resume: "Resume",
  extend: "Give more time",
  message: "Send a message",
  warn: "Give a formal warning",
  end: "End now",
  cancel: "Cancel",
  reinstate: "Make valid again",
  admit: "Let in",
  reopen: "Reopen",
  accept: "Accept as it is",
  allow_device: "Allow another device",
  acknowledge_hand: "Hand seen",
  accommodate: "Set extra time",
  apply_rules: "Apply the test's new rules",
  grant_attempt: "Grant a further attempt",
};

/** The dialog that asks a person for what the command says. */
export const DIALOG: Record<Asked, { title: string; text: string; confirm: string }> = {
  extend: { title: "Give more time", text: "", confirm: "Give the time" },
  message: { title: "Send a message", text: "", confirm: "Send" },
  warn: {
    title: "Give a formal warning",
    text: "The candidate reads the reason at once, and the warning is kept in the record.",
    confirm: "Give the warning",
  },
  end: {
    title: "End the attempt now",
    text: "The paper is collected at once: the candidate can't write any more.",
    confirm: "End now",
  },
  cancel: {
    title: "Cancel the attempt",
    text: "The attempt becomes void. It can be made valid again later.",
    confirm: "Cancel the attempt",
  },
  reinstate: {
    title: "Make the attempt valid again",
    text: "It is what it was before, with the time that was left then.",
    confirm: "Make it valid",
  },
  reopen: {
    title: "Reopen the attempt",
    text: "The candidate can go on writing, with this much time.",
    confirm: "Reopen",
  },
  accept: {
    title: "Accept the test as it is",
    text: "The candidate did not hand in in time. What was saved counts as handed in, and is marked.",
    confirm: "Accept it",
  },
  accommodate: {
    title: "Set extra time",
    text: "The candidate has this much on top of the test's time, instead of what she had. A clock that runs follows at once.",
    confirm: "Set it",
  },
  apply_rules: {
    title: "Apply the test's new rules",
    text: "The time, the window and the other rules are those of the test as it is stored now. The questions stay. A clock that runs follows at once.",
    confirm: "Apply them",
  },
  allow_device: {
    title: "Allow another device",
    text: "The candidate's link opens on one device only. The next device that opens it takes the attempt over; the one before it is shut out.",
    confirm: "Allow it",
  },
};

/** The box that an action has to tick. */
export const TICK: Partial<Record<Asked, string>> = {
  cancel: "It still counts as one of the candidate's attempts",
  reinstate: "The clock stands until the candidate is there",
  reopen: "The clock stands until the candidate is there",
  accommodate: "It may take time from a clock that runs",
  apply_rules: "They may take time from a clock that runs",
};

export const S = {
  title: "Monitor",
  noLink: {
    title: "Open the monitor with your link",
    text: "This page needs the link for staff. Open that link again, or ask for a new one.",
  },
  signIn: {
    title: "Sign in to the monitor",
    text: "Sign in with your account, or open the link for staff that you were given.",
    button: "Sign in",
    out: "Sign out",
    working: "Signing you in…",
    failed: "You are not signed in",
    lost: "This sign-in was begun in another window, or it is over. Please sign in again.",
    givenUp: "The sign-in was given up at the identity provider.",
    refused: (error: string) => `The identity provider did not let you in (${error}).`,
    away: "The server can’t be reached at the moment. Please try again soon.",
    noStorage: "This browser keeps nothing for this page, and so can’t sign in. Allow it to store data of this site, or use another browser.",
  },
  choose: { title: "Which test?", none: "There are no tests yet.", loading: "Loading the tests…" },
  loading: "Connecting…",
  retryIn: (seconds: number) => (seconds > 0 ? `next try in ${seconds} s` : "trying…"),
  tryNow: "Try now",
  again: "Try again",
  ended: "The connection was closed",
  all: "All",
  schedule: {
    title: (count: number) => (count === 1 ? "The schedule has one problem" : `The schedule has ${count} problems`),
    everybody: "Everybody",
    more: (count: number) => `… and ${count} more: see pencilsdown check-schedule.`,
    hide: "Hide",
  },
  overview: {
    ends: (at: string) => `The last clock ends at ${at}`,
    noEnd: "No clock runs",
    standing: (n: number) => (n === 1 ? "; 1 clock stands" : `; ${n} clocks stand`),
    progress: (share: number) => `${Math.round(share * 100)} % answered on average`,
    urgent: (n: number) => `${people(n)} ${n === 1 ? "needs" : "need"} somebody`,
    sound: "Sound when somebody is needed",
    wall: "Show on a wall",
    heard: (ms: number) => `Last news from the server: ${brief(ms)} ago`,
  },
  badge: (n: number, title: string) => (n === 0 ? title : `(${n}) ${title}`),
  search: "Find a name or id",
  sort: "Sort by",
  stale: (at: string) => `Not connected. This is what was known at ${at}; the room may have changed since.`,
  silent: (at: string) =>
    `The server has not answered since ${at}. The room may have changed since; the page finds out whether the connection is lost.`,
  tokenEnds: (at: string) => `Your link for this page ends at ${at}. Ask for a new link before then, and open it here.`,
  tokenEnded: "Your link for this page has ended. Ask for a new link, and open it in this window. What you see is no longer up to date.",
  over: "Over time",
  away: "Paused, away",
  awayWhat: "The clock stands until the candidate is back, and goes on by itself then. Resume it only if it is to run without the candidate.",
  forgotten: "Pause forgotten",
  forgottenWhat: (at: string) => `Nobody has ended this pause, and the test closed at ${at}. Let it go on or end it: otherwise the paper is collected by itself.`,
  collecting: "Time up, collecting…",
  collectingByStaff: "Ended by staff, collecting…",
  timeUp: "Time was up",
  endedByStaff: "Ended by staff",
  markedByStaff: "Ended by staff, marked",
  quiet: (ms: number) => `Quiet ${brief(ms)}`,
  plus: (ms: number) => (ms >= 0 ? `+${brief(ms)}` : `−${brief(-ms)}`),
  notHeard: (what: string) => `${what}: not heard`,
  heard: (what: string) => `${what}: heard`,
  lost: (n: number) => `Database restored: ${n} ${n === 1 ? "record" : "records"} behind`,
  lostWhat: (n: number) =>
    `The database is older than what this candidate's device was told: ${n} ${n === 1 ? "record is" : "records are"} missing. The page sends again what it still has. Check the answers with the candidate.`,
  lookalike: "another id looks the same",
  lookalikes: (id: string, others: readonly string[]) =>
    `Another candidate's id differs from “${id}” in letter case, width or spaces alone: ${others.map((other) => `“${other}”`).join(", ")}. These are different people for the server. If it is one person, one of the two attempts was made by mistake.`,
  held: {
    title: "Commands that were not confirmed",
    wait: "They wait for the connection. When it is back you are asked before they are sent.",
    ask: "The connection is back. Look at the rows, then decide: is this still what you want?",
    overtaken: "Somebody else has acted on the same candidate. Look at the row, then decide: is this still what you want?",
    age: (ms: number) => `Given ${brief(ms)} ago.`,
    sent: "It may have been carried out already; sent again, it still happens only once.",
    unsent: "It has not been sent.",
    what: (command: StaffCommand): string => {
      switch (command.t) {
        case "pause":
          return "pause";
        case "resume":
          return "go on";
        case "extend":
          return command.add_ms >= 0 ? `give ${formatDuration(command.add_ms)}` : `take away ${formatDuration(-command.add_ms)}`;
        case "message":
          return `message “${command.text}”`;
        case "warn":
          return `formal warning “${command.reason}”`;
        case "end":
          return "end now";
        case "cancel":
          return "cancel the attempt";
        case "reinstate":
          return "make the attempt valid again";
        case "admit":
          return "let in";
        case "reopen":
          return command.left_ms === null ? "reopen without a time limit" : `reopen with ${formatDuration(command.left_ms)}`;
        case "accept":
          return "accept as it is";
        case "allow_device":
          return "allow another device";
        case "acknowledge_hand":
          return "hand seen";
        case "accommodate":
          return `extra time of ${formatDuration(command.extra_time_ms ?? 0)}`;
        case "apply_rules":
          return "apply the test's new rules";
      }
    },
    send: "Send now",
    discard: "Discard",
  },
  nobody: "Nobody has opened this test yet.",
  noMatch: "No attempt matches.",
  printed: (rows: number, at: string) => `${rows === 1 ? "1 attempt" : `${rows} attempts`}, as of ${at}`,
  actions: "Actions",
  actionsFor: (name: string) => `Actions for ${name}`,
  attempt: (n: number) => `attempt ${n}`,
  answered: (answered: number, total: number) => `${answered}/${total}`,
  flagged: (n: number) => `${n} flagged`,
  noticedTitle: "Noticed",
  noticedHint: "A sign is no proof. What happened stands in the log.",
  warnings: (n: number) => (n === 1 ? "1 warning" : `${n} warnings`),
  warningsTitle: "Formal warnings",
  warningBy: (role: string) => `by: ${role}`,
  warningRead: (seen: boolean) => (seen ? "read" : "not read yet"),
  toMark: (n: number) => `${n} to mark`,
  score: (score: string, most: string) => `${score}/${most}`,
  none: "–",
  link: "Link",
  admission: "Admission",
  counts: "Counts as an attempt",
  yes: "Yes",
  no: "No",
  incidents: {
    title: (n: number) => `The server was away: ${people(n)} lost time`,
    when: (from: string, until: string) => `No server was there from ${from} to ${until}.`,
    died: (at: string) => `A server died at ${at}; those who were connected to it came back later.`,
    choose: (name: string) => `Give time to ${name}`,
    minutes: (name: string) => `Minutes for ${name}`,
    lost: (ms: number) => `lost ${brief(ms)}`,
    given: (ms: number) => `, was given ${brief(ms)} since`,
    offline: ", was not connected",
    reason: "The server was away.",
    ends: (at: string) => `; her time will end at ${at}`,
    give: (n: number) => `Give the time to ${people(n)}`,
  },
  groupLoss: {
    title: (n: number, ms: number, at: string) => `${people(n)} lost the connection within ${Math.max(1, Math.ceil(ms / 1000))} s, at ${at}.`,
    back: (back: number, away: number) => (away === 0 ? "All are back." : back === 0 ? "Nobody is back yet." : `${back} are back, ${away} are not.`),
    look: "Extend them by what they lost…",
    more: (n: number) => `${people(n)} more came back meanwhile: close this and open it again.`,
    reason: "The connection of a whole group was lost.",
  },
  roster: {
    label: "Where everybody is",
    names: {
      expected: "Expected",
      waiting: "Waiting",
      working: "In progress",
      disconnected: "Disconnected",
      paused: "Paused",
      submitted: "Submitted",
      absent: "Absent",
      void: "Void",
    } satisfies Record<Whereabout, string>,
  },
  bulk: {
    label: "Act on several candidates",
    choose: (name: string) => `Choose ${name}`,
    chooseAll: (n: number) => `Choose all ${n} shown`,
    all: (n: number) => `All ${n} shown are chosen`,
    chosen: (n: number) => `${n} chosen`,
    none: "Clear",
    more: "All actions…",
    choices: (n: number) => `For ${people(n)}`,
    title: (action: string, n: number) => `${action}: ${people(n)}`,
    confirm: (action: string, n: number) => `${action} (${n})`,
    cannot: (n: number) => `${people(n)} can't take it, and will be left out.`,
    moreNames: (n: number) => `… and ${n} more.`,
    acts: "Acts on several candidates",
    sending: "Sending…",
    unreachable: "The server could not be reached. Nobody knows whether it was accepted. Sent again, it still happens only once.",
    progress: ({ total, done, refused, ended }: Act) =>
      ended
        ? `Done for ${done} of ${total}${refused > 0 ? `, ${refused} left out` : ""}.`
        : `${done + refused} of ${total}${refused > 0 ? `, ${refused} left out` : ""}…`,
    by: (id: string) => `by ${id}`,
    report: "Report",
    loading: "Loading the report…",
    missed: (n: number) => `${people(n)} left out:`,
    nobodyMissed: "Nobody was left out.",
    inFile: (n: number) => `… and ${n} more: see the file.`,
    csv: "Download as CSV",
    columns: ["name", "user id", "attempt", "why"],
    why: { waiting: "It has not been carried out yet.", later: "Came later: it was not there when this was given." },
  },
  papers: {
    compare: "Compare their papers",
    title: "The papers of two candidates",
    loading: "Comparing the papers…",
    failed: "The server could not be reached. Please try again.",
    equal: "The papers are equal.",
    worth: "The papers differ, and neither is worth more than the other.",
    unequal: "The papers differ in what they are worth.",
    candidate: "Candidate",
    version: "Version",
    form: "Form",
    questions: "Questions",
    points: "Points",
    duration: "Time",
    differences: (n: number) => (n === 1 ? "1 difference" : n < 100 ? `${n} differences` : "The first 100 differences"),
    whole: "The whole paper",
    question: (n: number) => `Question ${n}`,
    differs: {
      form: "another form",
      duration: "another duration",
      order: "another way through the test",
      length: "another number of questions",
      question: "another question",
      section: "another section",
      points: "other points",
      limit: "another time limit",
      words: "other words",
      options: "the options in another order",
    } as Readonly<Record<string, string>>,
  },
  places: {
    section: "Every section",
    branch: "Every branch",
    group: "Every group",
    groups: "Group",
    of: (title: string, n: number) => `${title} (${n})`,
  },
  lastAct: "Last act",
  columns: {
    open: "Columns…",
    title: "Columns of the list",
    about: "On a phone the list keeps those that fit.",
    up: (name: string) => `Move ${name} to the front`,
    down: (name: string) => `Move ${name} to the back`,
    at: (name: string, place: number, of: number) => `${name}: column ${place} of ${of}`,
    usual: "As usual",
  },
  views: {
    open: "Views…",
    title: "Views",
    about: "A view is what is looked for, the order and the columns. Views are kept on this device. What was searched for is not part of it.",
    none: "None is kept yet.",
    name: "Name of this view",
    keep: "Keep this view",
    replace: "Replace this view",
    show: (name: string) => `Show the view ${name}`,
    forget: (name: string) => `Forget the view ${name}`,
    forgotten: (name: string) => `The view ${name} is forgotten.`,
    kept: (name: string) => `The view ${name} is kept.`,
    link: "Link to this view",
    linkAbout: "A colleague opens it in the window in which her own monitor is. The link carries no rights.",
    copy: "Copy the link",
    copied: "Copied.",
    remove: "Forget",
    choose: "View",
    chosen: "Views",
  },
  undo: {
    button: "Undo",
    reason: "Taken back.",
    failed: "The server could not be reached: nothing was taken back. Please try again.",
    title: (action: string) => `Take back: ${action}`,
    text: (n: number, action: string) => `For ${people(n)} whom it reached: “${action}”. Where somebody else has acted since, it is left out.`,
    confirm: (action: string, n: number) => `${action} (${n})`,
  },
  csv: "Save as CSV",
  csvIds: ["User id", "Attempt id"],
  table: "Table",
  code: "This part of the page could not be loaded. Please try again.",
  orderHeld: "The order waits while you are in the list.",
  sortNow: "Sort now",
  timeline: "What happened",
  late: "Late answers",
  lateWhat: (n: number) => `${n === 1 ? "One answer" : `${n} answers`} came after the end: decide whether ${n === 1 ? "it counts" : "they count"}.`,
  section: "Section",
  branch: "Branch",
  granted: {
    time: "Extra time",
    window: "Own window",
    pauses: "Lost connections",
    attempts: "Further attempts",
    minutes: (ms: number) => `+${brief(ms)}`,
    percent: (permille: number) => `+${permille / 10} %`,
    unlimited: "no time limit",
    own_window: "own window",
    from: (at: string) => `from ${at}`,
    until: (at: string) => `until ${at}`,
    never_closes: "never closes",
    budget: (ms: number) => (ms > 0 ? `clock stands for up to ${formatDuration(ms)}` : "clock runs on"),
    pauses_brief: "own pauses",
    exempt: "Not watched for",
    exempt_brief: "less watched",
    more: (n: number) => `+${n} ${n === 1 ? "attempt" : "attempts"}`,
    used: (ms: number) => `${formatDuration(ms)} used`,
  },
  noLimit: "no limit",
  now: "now",
  ago: (ms: number) => `${brief(ms)} ago`,
  atMost: (ms: number) => `at most ${brief(ms)} ago`,
  dialog: {
    close: "Close",
    cancel: "Not now",
    minutes: "Minutes",
    preset: (minutes: number) => `+${minutes} min`,
    presets: "Usual times",
    newEnd: (at: string) => `New end: ${at}.`,
    newEnds: (first: string, last: string) => `New ends: from ${first} to ${last}.`,
    newStanding: (n: number) => (n === 1 ? " 1 clock stands, and has the time when it goes on." : ` ${n} clocks stand, and have the time when they go on.`),
    unlimited: "No time limit: only where the test had none for the candidate",
    text: "Message",
    unseen: "Nobody can see this: it has spaces and invisible characters alone.",
    reasonRequired: "Reason for the record (required)",
    reasonOptional: "Reason for the record",
    said: "What the candidate is told",
  },
  marks: {
    title: (name: string) => `Mark: ${name}`,
    loading: "Loading the answers…",
    none: "Nothing waits for a mark.",
    guidance: "Guidance",
    points: (range: string) => `Points (${range})`,
    remark: "Remark for the candidate",
    reason: "Why the mark is corrected (the candidate does not see it)",
    save: "Save the mark",
    saving: "Saving…",
    saved: "Saved",
    bad: (range: string) => `Points are a number from ${range}, with at most three decimals.`,
    empty: "(no answer)",
    failed: "The server could not be reached. Please try again.",
  },
  toast: {
    done: (action: string, name: string) => `${name}: ${action}`,
    refused: (action: string, name: string, why: string) => `${name}: ${action} was refused. ${why}`,
    asked: {
      pause: "the pause",
      resume: "going on",
      extend: "more time",
      message: "the message",
      warn: "the formal warning",
      end: "ending",
      cancel: "cancelling",
      reinstate: "making the attempt valid again",
      admit: "letting in",
      reopen: "reopening",
      accept: "accepting what was not handed in",
      allow_device: "another device",
      acknowledge_hand: "the answer to the raised hand",
      accommodate: "the extra time",
      apply_rules: "the test's new rules",
    } satisfies Record<StaffCommand["t"], string>,
    forgotten: (action: string, name: string) =>
      `${name}: this page was reloaded before the server confirmed ${action}. Look at the row, and ask again if it did not happen.`,
    dismiss: "Dismiss",
    did: {
      pause: "paused",
      resume: "resumed",
      extend: "more time given",
      message: "message sent",
      warn: "formally warned",
      end: "ended",
      cancel: "cancelled",
      reinstate: "valid again",
      admit: "let in",
      reopen: "reopened",
      accept: "accepted as it is",
      allow_device: "another device allowed",
      acknowledge_hand: "hand seen",
      accommodate: "extra time set",
      apply_rules: "the test's new rules applied",
    } satisfies Record<StaffCommand["t"], string>,
  },
} as const;
