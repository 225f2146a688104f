/** Every text of the test-taker page that does not come from the server. */

import type { Shown } from "../core/connection";
import { formatDuration } from "../core/format";

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

/** "a", "a and b", "a, b and c". */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

export const CONNECTION: Record<Shown, string> = {
  live: "Connected",
  rest: "Connected, a little slower",
  connecting: "Connecting…",
  waiting: "No connection",
  ended: "Not connected",
};

export const S = {
  title: "Test",
  tab: {
    ended: "Ended",
    cut: "No connection",
    paused: "Paused",
    over: "Time is up",
    underMinute: "Under 1 min left",
    left: (minutes: number) => (minutes < 60 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`),
  },
  skip: "Go to the question",
  loading: "One moment…",
  broken: {
    title: "This page can't go on",
    text: "Reload the page. If this comes again, open your link in another browser or on another device, and tell your invigilator.",
    reload: "Reload the page",
  },
  noLink: {
    title: "Open your test with your link",
    text: "This page needs the personal link that you were given for your test. Open that link again, or ask the person who runs the test for a new one. After the end of a test, nothing of it stays on this device.",
    running: (name: string, title: string) =>
      `On this device ${name === "" ? "somebody" : name} has a test open${title === "" ? "" : `: ${title}`}. To go on with it, open its link again.`,
  },
  unreachable: {
    title: "The server can't be reached",
    text: "Check your network connection. This page tries again by itself.",
  },
  further: {
    title: "You have taken this test before",
    text: "You may take it again. What you handed in stays as it is.",
    start: (number: number) => `Start attempt ${number}`,
    earlier: (number: number) => `See attempt ${number}`,
    heading: "Another attempt",
    maybe: "If this test may be taken more than once, you can start again. What you handed in stays as it is.",
    button: "Start another attempt",
    failed: "The server could not be reached. Please try again.",
  },
  refused: { title: "This test can't be opened" },
  again: "Try again",
  otherTab: {
    title: "Open in another window",
    text: "Your test is open in another tab or window of this browser. Only one of them can be used at a time.",
    use: "Use it here",
  },
  ended: {
    use_here: {
      title: "In use somewhere else",
      text: "Your test is open in another window or on another device, so this page has stopped. Answers that could not be sent are kept here. You can go on in the other place, or here.",
      button: "Use it here",
    },
    ask_staff: {
      title: "Your link was opened on another device",
      text: "Your test opens on one device only, and another one has opened it. Go on there. If you need this device, ask your invigilator to allow it, then try again.",
      button: "Try again",
    },
    sign_in: {
      title: "Please open your link again",
      text: "Your link has expired or is not valid any more. Ask for a new one if it does not work.",
      button: "Try again",
    },
    reload: {
      title: "The connection was closed",
      text: "Something went wrong between this page and the server. Reload the page to go on; tell the person who runs the test if this happens again.",
      button: "Reload the page",
    },
    unsent: (kept: boolean) =>
      kept
        ? "Answers that could not be sent are kept on this device."
        : "Answers that could not be sent are on this page alone: write down what you need before you leave it.",
  },
  hand: { raise: "Raise hand", raised: "Hand is up", acknowledged: "Hand seen", heard: "An invigilator has seen your hand." },
  connection: {
    retryIn: (seconds: number) => (seconds > 0 ? `next try in ${seconds} s` : "trying…"),
    tryNow: "Try now",
    offline: (kept: boolean) =>
      `No connection. Go on, and leave this page open: your answers are ${kept ? "kept on this device, and are " : ""}sent when it is back.`,
  },
  start: {
    heading: "Before you start",
    for: "This test is for",
    notYou: "If this is not you, do not start. Tell your invigilator.",
    tokenEnds: (at: string) => `Your link ends at ${at}. Start before then, or ask for a new link. A test that you have started goes on.`,
    questions: (n: number) => count(n, "question", "questions"),
    time: (ms: number | null) => (ms === null ? "no time limit" : formatDuration(ms)),
    clock: "The clock starts when you press Start. It is kept by the server, and it is the same on every device.",
    together: "The time of this test runs for everybody from its opening. Whoever starts later has less. It is kept by the server, and it is the same on every device.",
    warnings: (lefts_ms: readonly number[]) => `You are warned when ${listed(lefts_ms.map(formatDuration))} are left.`,
    soft: "When time is up nothing closes: the page says that you are over time, you can go on, and it is noted.",
    end: (at_end: string, hand_in_ms: number) => {
      if (at_end === "submit") return "When time is up, your test is handed in by itself.";
      if (at_end === "abandon") return "Hand in before time is up: a test that is not handed in by then does not count by itself.";
      return `When time is up, you have ${formatDuration(hand_in_ms)} to hand in, and can't change anything any more. A test that is not handed in by then does not count by itself.`;
    },
    saved: "Every answer is saved while you work. Beside each question you see whether it is saved.",
    clockRuns: "If your connection breaks, the clock goes on, and so can you:",
    clockStops: "If your connection breaks, your clock stops until you are back, though not without limit. While it may stand, the questions are hidden;",
    noClock: "If your connection breaks, go on:",
    sentLater: (kept: boolean) => `your answers are ${kept ? "kept on this device and " : ""}sent when it is back.`,
    crash: (kept: boolean) =>
      `If your device or your browser stops, open your link again: you come back to the same question with ${kept ? "the same answers. Only a private window forgets, when it is closed, what was not sent yet." : "every answer that the server has saved."}`,
    button: "Start the test",
    starting: "Starting…",
    extra: (ms: number) => `including ${formatDuration(ms)} of extra time`,
    parts: "Parts of this test",
    part: (questions: number, limit_ms: number | null, min_ms: number | null) =>
      `· ${count(questions, "question", "questions")}${limit_ms === null ? "" : `, ${formatDuration(limit_ms)}`}${min_ms === null ? "" : `, at least ${formatDuration(min_ms)}`}`,
    minTime: (ms: number) => `You can hand in when ${formatDuration(ms)} of your time have passed, and not before.`,
    ends: (at: string, opens: boolean) => `If you start ${opens ? "when it opens" : "now"}, your test ends at ${at}.`,
    endsEarly: (at: string, has_ms: number, opens: boolean) =>
      `If you start ${opens ? "when it opens" : "now"}, your test ends at ${at}, because it closes then: you have ${formatDuration(has_ms)}.`,
    endsTogether: (at: string, has_ms: number) =>
      `If you start now, your test ends at ${at}: the time has been running since the test opened, and you have ${formatDuration(has_ms)} left.`,
    code: "Access code",
    codeHint: "Your invigilator tells you the code.",
  },
  entry: {
    title: "You can't start yet",
    /** In place of what the server says to programs too: this page comes again by itself. */
    why: {
      not_open_yet: "The test is not open yet.",
      attempt_delay: "Some time must pass between two attempts at this test.",
    } as Record<string, string>,
    opens: (at: string) => `It opens at ${at}. You need not reload this page: it lets you in by itself.`,
    from: (at: string) => `You can begin from ${at}. You need not reload this page: it lets you in by itself.`,
    closed: "The time in which this test could be started is over. Ask your invigilator.",
    now: "You can start now.",
    again: "This page looks again by itself.",
    choose: { title: "Choose a form of this test", form: (form_id: string) => `Form ${form_id}` },
  },
  question: {
    of: (index: number, total: number) => `Question ${index + 1} of ${total}`,
    points: (points: string) => `${points} ${points === "1" ? "point" : "points"}`,
    next: "Next",
    previous: "Previous",
    review: "Review and hand in",
    flag: "Flag",
    clear: "Clear answer",
    one: "Choose one answer.",
    choose: "Choose…",
    several: (most: number | null) =>
      most === null ? "Choose every answer that is right." : `Choose ${count(most, "answer", "answers")} at most.`,
    trueFalse: "Is this true or false?",
    number: "Your answer, a number",
    numberIn: (unit: string) => `Your answer, a number in ${unit}`,
    notNumber: (sign: string) =>
      `This does not read as a number. It is kept as you typed it.${sign === "either" ? "" : ` Write decimals with a ${sign === "," ? "comma" : "point"}.`}`,
    readAs: (number: string, other: string | null) => `Read as ${number}${other === null ? "" : `, not as ${other}`}`,
    short: "Your answer",
    part: (place: number, total: number, what: string) => `Part ${place} of ${total}. ${what}`,
    passage: "Text for this question",
    fetching: "One moment: this kind of question is being fetched…",
    missing: "This kind of question can't be fetched at the moment. Everything else works; it is tried again by itself.",
    again: "Try again now",
    spot: (place: number) => `Spot ${place}`,
    file: "a file",
    unknown: "This page does not know this kind of question yet. Reload the page.",
    essay: "Your answer",
    chars: (used: string, most: string) => `${used} of ${most} characters`,
    wordsOf: (words: number, least: number | null, most: number | null) => {
      const asked = least !== null && most !== null ? `${least} to ${most}` : least !== null ? `at least ${least}` : most !== null ? `at most ${most}` : "";
      return `${count(words, "word", "words")}${asked === "" ? "" : `; ${asked} are asked for`}`;
    },
    charsFull: (used: string, most: string) => `${used} of ${most} characters: it is saved when it is shorter`,
    loading: "Loading the questions…",
  },
  save: {
    none: "Not answered",
    editing: "Not saved yet…",
    kept: "Kept on this device, not yet on the server",
    saved: (at: string) => `Saved on the server at ${at}`,
    cleared: (at: string) => `Answer taken back; saved on the server at ${at}`,
    refused: (why: string) => `Not saved: ${why}`,
    held: (value: string) => `The server holds: ${value}`,
    heldNone: "The server holds no answer to this question.",
    mine: "Use my version",
    theirs: "Use the one on the server",
    forget: "Forget my version",
  },
  navigator: {
    heading: "Questions",
    answered: "answered",
    unanswered: "not answered",
    partly: "partly answered",
    flagged: "flagged",
    refused: "not saved",
    label: (index: number, parts: string) => `Question ${index + 1}: ${parts}`,
    timeUp: "time is up",
    progress: (answered: number, total: number) => `${answered} of ${total} answered`,
    instructions: "Instructions",
  },
  clock: {
    left: "Time left",
    none: "No time limit",
    standing: "The clock stands",
    atLeast: "Time left, at least",
    of: { question: "This question", section: "This part", test: "Whole test", window: "Test closes" } as Record<string, string>,
    over: "Over time",
    overOf: { question: "Question, over time", section: "Part, over time", test: "Test, over time" } as Record<string, string>,
    overSince: (at: string) => `Time is over since ${at}. You can go on: nothing closes, and it is noted.`,
  },
  section: {
    start: "The parts come one after the other. When you have left one, you can't go back to it.",
    part: (number: number, total: number) => `Part ${number} of ${total}`,
    short: (number: number) => `part ${number}`,
    status: { open: "open now", closed: "closed", next: "not open yet", later: "not open yet" },
    questions: (n: number) => count(n, "question", "questions"),
    time: (ms: number | null) => (ms === null ? "no time limit of its own" : formatDuration(ms)),
    timedOut: (name: string) => `Time for ${name} is up. What was saved before counts; nothing in it can be changed any more.`,
    finished: (name: string) => `You have closed ${name}. What was saved counts.`,
    clockStarts: "Its clock starts when you enter it, and not before.",
    testRuns: (left: string) => `The clock of the whole test goes on meanwhile: ${left} left.`,
    closes: (name: string, next: string) => `When you enter ${next}, ${name} closes: you can't go back to it.`,
    unanswered: (n: number, name: string) => `${count(n, "question", "questions")} in ${name} ${n === 1 ? "has" : "have"} no answer.`,
    unsaved: "Some changes are not yet on the server. They are sent before the next part is entered.",
    enter: (name: string) => `Enter ${name}`,
    entering: "Entering: waiting until the server has everything…",
    enteringLater: "There is no connection: the next part is entered when it is back.",
    failed: (why: string) => `It could not be entered: ${why}`,
    back: (name: string) => `Back to ${name}`,
    finish: "Finish this part…",
    confirmTitle: (name: string) => `Leave ${name}?`,
    confirm: (name: string) => `Close it and enter ${name}`,
    cancel: "Not yet",
    allTitle: "All parts are closed",
    allText: "What was saved counts. Nothing is left to do but to hand in.",
    locked: "Time for this part is up. Your last answers are being saved; then you can go on with the next part.",
    lockedOffline:
      "As far as this page knows, time for this part is up: nothing in it can be changed for now. There is no connection; keep this page open. When it is back, your last answers are sent and you go on. The time of the next part starts only when you enter it.",
    instructions: "Instructions for this part",
  },
  forward: {
    start: "The questions come one after the other. When you have left one, you can't go back to it.",
    leave: "When you go on, you can't come back to this question.",
    last: "This is the last question.",
    going: "Going on: waiting until the server has everything…",
    goingLater: "There is no connection: the next question comes when it is back.",
    failed: (why: string) => `You could not go on: ${why}`,
    confirmTitle: "Leave this question?",
    blank: "You have not answered it.",
    gap: "You have not answered it, and it should be answered.",
    confirm: "Go on without an answer",
    stay: "Stay here",
    unseen: (n: number) => `${count(n, "question has", "questions have")} not been shown to you yet.`,
  },
  gaps: {
    mark: { refuse: "Must be answered", warn: "Should be answered" } as Record<string, string>,
    refused: (n: number) => `${count(n, "question", "questions")} must be answered first.`,
    warned: (n: number) => `${count(n, "question that should be answered has", "questions that should be answered have")} no answer.`,
    title: "An answer is missing",
    start: { warn: "Some questions should be answered: the page asks you once more before you leave one out.", refuse: "Some questions must be answered: you can't hand in without an answer to them." } as Record<string, string>,
  },
  limit: {
    own: (ms: number, forward: boolean) =>
      `This question has its own time: ${formatDuration(ms)}.${forward ? "" : " It stands while you are at another question."}`,
    mark: "own time limit",
    over: "Time for this question is up. What was saved before counts. Go on with another question.",
    legend: "own time: it starts when you go there",
    waits: "This question has its own time, which stands while there is no connection. The question is shown as soon as the connection is back. Until then, go on with another one.",
  },
  banner: {
    left: (ms: number, for_section: boolean) =>
      `${ms > 0 ? `Less than ${formatDuration(ms)} left` : "Time is nearly up"}${for_section ? " for this part" : ""}`,
    leftMore: (for_section: boolean, at_end: string) => {
      if (for_section) return "It closes by itself then, and you go on with the next one.";
      return at_end === "submit" ? "Your test is handed in by itself when time is up." : "Hand in yourself: it does not happen by itself.";
    },
    more: (ms: number) => `You have been given ${formatDuration(ms)} more.`,
    less: (ms: number) => `Your time was shortened by ${formatDuration(ms)}.`,
    endsAt: (at: string) => `The test now ends at ${at}.`,
    reopened: "Your test is open again: you can go on.",
    restored: (n: number) =>
      `The server has lost some of what it had saved.${n > 0 ? ` ${count(n, "answer is", "answers are")} sent to it again from this page.` : ""} Please look through your answers.`,
    unknownClock:
      "There is no connection. Your clock may be standing meanwhile: this page can't know, so it counts on. What counts is decided when the connection is back.",
    locked: "Time is up. Nothing can be changed any more; your last answers are being handed in.",
    handIn: "Time is up. Nothing can be changed any more. Hand in now: it does not happen by itself.",
    abandoned: "Time is up, and your test was not handed in. What was saved is kept; your invigilator knows what happens with it.",
    collected: "Your invigilator has ended the test. Nothing can be changed any more; your last answers are being handed in.",
    lockedOffline:
      "As far as this page knows, time is up. It has no connection, so it can't know of a pause, or of more time that you were given. Nothing can be changed for now. Keep this page open: your last answers are sent when the connection is back, and this page says which of them still counted.",
    notDurable: "This browser does not let the page keep anything on this device. Don't close the page before everything is saved on the server.",
    dismiss: "Dismiss",
  },
  message: {
    title: "Message from the invigilator",
    formal: "Formal warning",
    dismiss: "I have read this",
    whole: "Show all",
    more: (n: number) => `(${n} more)`,
    all: "Messages that you have read",
    read: (n: number) => `Messages (${n})`,
    close: "Close",
  },
  paused: {
    title: "The test is paused",
    text: "The clock stands. Your answers are kept. This page goes on by itself when the test is resumed.",
    left: "Time left when it goes on",
    cut: "There is no connection",
    cutText:
      "Your clock may be standing, so the questions are hidden. Your answers are kept. This page goes on by itself when the connection is back, or when the clock runs again.",
  },
  review: {
    title: "Review before you hand in",
    all: "Every question has an answer.",
    unanswered: (n: number) => count(n, "question has no answer", "questions have no answer"),
    flagged: (n: number) => count(n, "question is flagged", "questions are flagged"),
    refused: (n: number) => count(n, "answer was not saved", "answers were not saved"),
    conflict: (n: number) =>
      `${count(n, "answer was", "answers were")} changed on another device. Look at ${n === 1 ? "it" : "them"} and choose which one counts. If you hand in as it is, what the server holds counts.`,
    unsettled: "Some changes are not yet on the server. They are sent before your test is handed in.",
    until: (at: string, wait: string) => `You can hand in until ${at}: ${wait} left.`,
    back: "Back to the questions",
    submit: "Hand in…",
    confirmTitle: "Hand in your test?",
    confirmText: "You can't change anything afterwards.",
    confirmUnanswered: (n: number) => `${count(n, "question has", "questions have")} no answer.`,
    confirm: "Hand in now",
    cancel: "Not yet",
    handingIn: "Handing in: waiting until the server has everything…",
    handingInLater:
      "There is no connection: your test is handed in as soon as it is back. Keep this page open until it says that your test has been handed in.",
    failed: (why: string) => `Your test could not be handed in: ${why}`,
  },
  early: {
    handIn: {
      later: (at: string, wait: string) => `You can hand in from ${at}, in ${wait}.`,
      now: "You can hand in now.",
    },
    enter: (name: string) => ({
      later: (at: string, wait: string) => `You can enter ${name} from ${at}, in ${wait}.`,
      now: `You can enter ${name} now.`,
    }),
  },
  outcome: {
    submitted: "Your test has been handed in",
    expired: "Time is up: your test has been handed in",
    closed: "Your test was ended and handed in",
    completed: "Your test is finished",
    cancelled: "Your test was cancelled",
    cancelledText: "If that is wrong, tell your invigilator. When the test is made valid again, this page goes on by itself; so does your link.",
    absent: "This test has closed",
    absentText: "It was not started here before it closed, so nothing was handed in. If that is wrong, ask your invigilator.",
    abandoned: "Your test was not handed in",
    abandonedText: "Time was up before it was handed in. What was saved is kept. Ask your invigilator whether it counts.",
    candidate: "Name",
    reference: "Reference",
    ended: "Ended at",
    said: "What staff say",
    keep: "Write the reference down: it identifies what you handed in.",
    score: "Result",
    of: (score: string, most: string) => `${score} of ${most} points`,
    marksLater: "The points of each question are shown here when the test has closed for everybody.",
    marking: "Your answers are being marked…",
    lost: (n: number) => count(n, "answer was not saved on the server", "answers were not saved on the server"),
    lostText: "What you entered is still kept on this device, and this page shows it until you have it removed. Tell the person who runs the test.",
    lostSeen: "I have told them: remove it from this device",
    lostAnswer: (position: string, answer: string, why: string) => `Question ${position}: ${answer} (${why})`,
    sending: "Some answers are still being sent. Please keep this page open.",
    close: "You can close this page.",
    question: "Question",
    points: "Points",
    part: (place: number, score: string, most: string) => `Part ${place}: ${score} of ${most}`,
    remark: "Remark",
    feedback: "Feedback",
    grade: (grade: string) => `Grade: ${grade}`,
    corrected: "These marks have been corrected since they were first given.",
  },
  counting: {
    rule: {
      best: "Of your attempts the best one counts.",
      latest: "Of your attempts the latest one counts.",
      first: "Of your attempts the first one counts.",
      average: "Of your attempts the average counts.",
    },
    waiting: (n: number) =>
      `${count(n, "of them still waits", "of them still wait")} for marks: what you have is shown here after that.`,
    have: (points: string) => `That is ${points}.`,
    this: "That is this one.",
    other: "That is another one than this.",
    part: "This one is a part of it.",
    attempt: (number: number, points: string) => `Attempt ${number}: ${points}`,
    shown: "(shown above)",
    counts: "counts",
  },
} as const;
