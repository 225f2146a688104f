// Generated from protocol/rest and protocol/paper.py by `python -m clients.generate`. Do not edit.

import type { AttemptState, FormalWarning, Hindrance, Offer, PageSettings, Part, Row, SavedAnswer, StaffMessage, TimeWarning, Timing, Value, Watching } from "./messages";

/** One of those that can be chosen. */
export interface Option {
  option_id: string;
  body: string;
}

/** One of those that are put together. It stands in `max_uses` pairs at most; nil: in any number. */
export interface PairOption {
  option_id: string;
  body: string;
  max_uses?: number | null;
}

/** A stored file, named by `media:` and its hash; `alt` says what is seen. */
export interface Picture {
  src: string;
  width: number;
  height: number;
  alt?: string;
}

/** An area with a name. The `label` is read out, and need not give away what is there. */
export interface Spot {
  shape: "circle" | "ellipse" | "poly" | "rect";
  coords: number[];
  spot_id: string;
  label?: string;
}

/** A spot of which pairs are made. It stands in `max_uses` pairs at most; nil: in any number. */
export interface PairSpot {
  shape: "circle" | "ellipse" | "poly" | "rect";
  coords: number[];
  spot_id: string;
  label?: string;
  max_uses?: number | null;
}

/** One option is chosen. */
export interface PaperSingleChoice {
  type: "single_choice";
  response_id: string;
  options: Option[];
}

/** One option is chosen, from a menu in the line. */
export interface PaperInlineChoice {
  type: "inline_choice";
  response_id: string;
  options: Option[];
}

/**
 * Any options are chosen: at least `min_choices`, which refuses nothing, and at most `max_choices` (nil: any
 * number).
 */
export interface PaperMultipleChoice {
  type: "multiple_choice";
  response_id: string;
  options: Option[];
  max_choices: number | null;
  min_choices?: number;
}

/** The statement is true, or false. */
export interface PaperTrueFalse {
  type: "true_false";
  response_id: string;
  options: Option[];
}

/**
 * Words of the `text` are chosen, which is restricted HTML with `<pd-hot id="…">` around each of them: at least
 * `min_choices`, which refuses nothing, and at most `max_choices` (nil: any number).
 */
export interface PaperHottext {
  type: "hottext";
  response_id: string;
  text: string;
  min_choices: number;
  max_choices: number | null;
}

/** All options are put in order. They come in an order that says nothing. */
export interface PaperOrder {
  type: "order";
  response_id: string;
  options: Option[];
}

/** Each row is put together with columns. A pair is a row and a column. */
export interface PaperMatch {
  type: "match";
  response_id: string;
  min_pairs: number;
  max_pairs: number | null;
  rows: PairOption[];
  columns: PairOption[];
}

/**
 * Choices are put into the gaps of the `text`, which is restricted HTML with `<pd-gap id="…"></pd-gap>` where each
 * stands. A pair is a choice and a gap; a gap takes one choice.
 */
export interface PaperGapMatch {
  type: "gap_match";
  response_id: string;
  min_pairs: number;
  max_pairs: number | null;
  text: string;
  choices: PairOption[];
}

/** Choices are paired with one another, in no direction. */
export interface PaperAssociate {
  type: "associate";
  response_id: string;
  min_pairs: number;
  max_pairs: number | null;
  choices: PairOption[];
}

/** A number is typed, with this `decimal_sign`: ".", "," or "either". The `unit` stands behind it. */
export interface PaperNumeric {
  type: "numeric";
  response_id: string;
  max_chars: number;
  unit: string | null;
  decimal_sign: string;
}

/**
 * A number is set, from `lower` in steps of `step` up to `upper`: decimal numbers with a point. The `unit` stands
 * behind it.
 */
export interface PaperSlider {
  type: "slider";
  response_id: string;
  lower: string;
  upper: string;
  step: string;
  unit: string | null;
}

/** A text of one line is typed. */
export interface PaperShortText {
  type: "short_text";
  response_id: string;
  max_chars: number;
}

/**
 * A text of several lines is typed. It should have `min_words` to `max_words` (nil: as few, or as many, as she
 * likes); nothing is refused for them. `format` is "plain", or "rich" where the answer is rich text: of that its
 * `max_chars` are counted without the markup.
 */
export interface PaperEssay {
  type: "essay";
  response_id: string;
  max_chars: number;
  min_words: number | null;
  max_words: number | null;
  format?: string;
}

/** Spots are chosen: at least `min_choices`, which refuses nothing, and at most `max_choices` (nil: any number). */
export interface PaperHotspot {
  type: "hotspot";
  response_id: string;
  picture: Picture;
  spots: Spot[];
  min_choices: number;
  max_choices: number | null;
}

/**
 * Points are set on the picture: at least `min_choices`, which refuses nothing, and at most `max_choices` (nil: any
 * number).
 */
export interface PaperPoint {
  type: "point";
  response_id: string;
  picture: Picture;
  min_choices: number;
  max_choices: number | null;
}

/** Spots are put in order. */
export interface PaperGraphicOrder {
  type: "graphic_order";
  response_id: string;
  picture: Picture;
  spots: Spot[];
}

/** Choices are put on spots of a picture. A pair is a choice and a spot. */
export interface PaperGraphicGapMatch {
  type: "graphic_gap_match";
  response_id: string;
  min_pairs: number;
  max_pairs: number | null;
  picture: Picture;
  spots: PairSpot[];
  choices: PairOption[];
}

/** Spots of a picture are joined, in no direction. */
export interface PaperGraphicAssociate {
  type: "graphic_associate";
  response_id: string;
  min_pairs: number;
  max_pairs: number | null;
  picture: Picture;
  spots: PairSpot[];
}

/**
 * A file is handed in over REST (`POST …/files`), of one of these `kinds` and of `max_bytes` at most; the answer
 * names it by its hash.
 */
export interface PaperUpload {
  type: "upload";
  response_id: string;
  kinds: string[];
  max_bytes: number;
}

/**
 * A question as the candidate sees it: no key, no guidance. `body` is restricted HTML, with
 * `<pd-response id="…"></pd-response>` where an interaction stands. `limit_ms` is the question's own time limit. A
 * `required` question is a gap when she hands in while one of its interactions has no answer. `passage_id` names what
 * is to be read beside it. Without `interactions` it is information: nothing is asked, and it is not counted. `tools`
 * are those that are offered beside it; nil: its section's. `costs` say what is taken away for what is wrong, and
 * `unanswered_mpt` what it gives, or takes away, where nothing is answered.
 */
export interface PaperQuestion {
  question_id: string;
  body: string;
  interactions: PaperInteraction[];
  points_mpt: number;
  limit_ms: number | null;
  required: boolean;
  passage_id: string | null;
  tools?: string[] | null;
  costs?: PaperCost[];
  unanswered_mpt?: number;
}

/**
 * What the part of a question takes away, in thousandths of a point: for an `answer` that is wrong, for one with
 * `nothing_right` in it, or for each `mistake`. `takes_mpt` nil: as much as something right gives. `up_to`: some
 * take less. `least_mpt`: the part is never worth less; nil: it has no such bound.
 */
export interface PaperCost {
  response_id: string;
  what: string;
  takes_mpt: number | null;
  up_to?: boolean;
  least_mpt?: number | null;
}

/** Something to read that questions are about, as restricted HTML. */
export interface PaperPassage {
  passage_id: string;
  title: string;
  body: string;
}

/** A file that the paper's texts name by `media:` and its `hash`, and the `address` at which it is served. */
export interface PaperMedium {
  hash: string;
  address: string;
}

/**
 * A part of the paper: `count` questions from position `first` on, of which `unasked` are information and ask
 * nothing. A paper without parts is one, whose `section_id` is nil and whose title is blank. `limit_ms` is the part's
 * own time limit. `instructions` are blank, and `exhibits` empty, as long as the part is not open; the latter are
 * passages that can be looked at beside each of its questions. `tools` are those beside its questions; nil: the
 * paper's.
 */
export interface PaperSection {
  section_id: string | null;
  title: string;
  instructions: string;
  limit_ms: number | null;
  first: number;
  count: number;
  unasked?: number;
  exhibits?: string[];
  tools?: string[] | null;
}

/**
 * One candidate's paper, of one version of a test: her questions in her order. Where sections are sat one after
 * the other, `questions` are those of the open section, which `section_id` names (nil: none is open); `sections`
 * names all of them. In every other test `section_id` is nil, and `questions` are all. `passages` are those that its
 * questions and `exhibits` name: the latter can be looked at beside every question. `media` are the files that its
 * texts name, `tools` what the page offers beside them. `instructions` are restricted HTML, here and in the
 * sections.
 */
export interface Paper {
  test_id: string;
  test_version: number;
  form_id: string | null;
  title: string;
  instructions: string;
  sections: PaperSection[];
  section_id: string | null;
  questions: PaperQuestion[];
  passages: PaperPassage[];
  media: PaperMedium[];
  tools?: string[];
  exhibits?: string[];
}

/** How well an answer does by one criterion. `says` is plain text, and tells what such an answer is like. */
export interface Level {
  points_mpt: number;
  says: string;
}

/** One thing that is judged. An answer is at exactly one of its levels, no two of which are worth the same. */
export interface Criterion {
  name: string;
  levels: Level[];
}

/** What an answer was given by one criterion, in thousandths of a point. */
export interface CriterionMark {
  name: string;
  score_mpt: number;
}

/** Settings of a page as staff make them. */
export interface SetPage {
  language?: string | null;
  theme?: string | null;
  size?: number | null;
  spaced?: boolean | null;
  still?: boolean | null;
  time_hidden?: boolean | null;
}

/**
 * What one person or one group is granted, for one test or for every test. Nil inherits.
 *
 * `extra_time_ms` and `extra_time_permille` (250 is a quarter of the duration) exclude one another, and so do
 * `closes_at_ms` and a true `never_closes`. `unlimited_time` false beats what a later layer says, like any value.
 * `exempt` are the signals for which nobody watches them; an empty list beats what a later layer says. `page` is how
 * their page looks to begin with.
 */
export interface Override {
  extra_time_ms?: number | null;
  extra_time_permille?: number | null;
  unlimited_time?: boolean | null;
  extra_attempts?: number | null;
  opens_at_ms?: number | null;
  closes_at_ms?: number | null;
  never_closes?: boolean | null;
  pause_budget_ms?: number | null;
  exempt?: string[] | null;
  page?: SetPage | null;
}

/**
 * Attempts at a test that fit all that is said; nothing said: every attempt.
 *
 * `statuses` are those of attempts. `sections` are open sections, `groups` those of the candidate, `branches` those of
 * the attempt. `connection`: whether the candidate is connected; whoever is not known to be is offline. `hand_raised`:
 * her hand is up, and nobody has seen it. `waiting`: she has to be let in, and was not.
 */
export interface Filter {
  statuses?: string[] | null;
  sections?: string[] | null;
  groups?: string[] | null;
  branches?: string[] | null;
  connection?: "offline" | "online" | null;
  hand_raised?: boolean;
  waiting?: boolean;
}

/** The command `pause` for each attempt, without its ids. */
export interface PauseOrder {
  t: "pause";
  seen_ms?: number | null;
  reason?: string;
}

/** The command `resume` for each attempt, without its ids. */
export interface ResumeOrder {
  t: "resume";
  seen_ms?: number | null;
  reason?: string;
}

/** The command `extend` for each attempt, without its ids. */
export interface ExtendOrder {
  t: "extend";
  add_ms: number;
  seen_ms?: number | null;
  reason?: string;
}

/** The command `message` for each attempt, without its ids. */
export interface MessageOrder {
  t: "message";
  text: string;
  seen_ms?: number | null;
}

/** The command `warn` for each attempt, without its ids. */
export interface WarnOrder {
  t: "warn";
  seen_ms?: number | null;
  reason?: string;
}

/** The command `end` for each attempt, without its ids. */
export interface EndOrder {
  t: "end";
  seen_ms?: number | null;
  reason?: string;
  said?: string;
}

/** The command `cancel` for each attempt, without its ids. */
export interface CancelOrder {
  t: "cancel";
  seen_ms?: number | null;
  counts?: boolean;
  reason?: string;
  said?: string;
}

/** The command `reinstate` for each attempt, without its ids. */
export interface ReinstateOrder {
  t: "reinstate";
  seen_ms?: number | null;
  on_return?: boolean;
  reason?: string;
}

/** The command `admit` for each attempt, without its ids. */
export interface AdmitOrder {
  t: "admit";
  seen_ms?: number | null;
  reason?: string;
}

/** The command `reopen` for each attempt, without its ids. */
export interface ReopenOrder {
  t: "reopen";
  left_ms: number | null;
  seen_ms?: number | null;
  reason?: string;
  on_return?: boolean;
}

/** The command `accept` for each attempt, without its ids. */
export interface AcceptOrder {
  t: "accept";
  seen_ms?: number | null;
  reason?: string;
  said?: string;
}

/** The command `allow_device` for each attempt, without its ids. */
export interface AllowDeviceOrder {
  t: "allow_device";
  seen_ms?: number | null;
  reason?: string;
}

/** The command `acknowledge_hand` for each attempt, without its ids. */
export interface AcknowledgeHandOrder {
  t: "acknowledge_hand";
  seen_ms?: number | null;
  reason?: string;
}

/** The command `accommodate` for each attempt, without its ids. */
export interface AccommodateOrder {
  t: "accommodate";
  extra_time_ms: number | null;
  seen_ms?: number | null;
  reason?: string;
  may_shorten?: boolean;
}

/** The command `apply_rules` for each attempt, without its ids. */
export interface ApplyRulesOrder {
  t: "apply_rules";
  seen_ms?: number | null;
  reason?: string;
  may_shorten?: boolean;
}

/** Grant the candidate of each attempt one more attempt at the test than she may have now. */
export interface GrantAttemptOrder {
  t: "grant_attempt";
  reason?: string;
  seen_ms?: number | null;
}

/** A refusal as problem details (RFC 9457). `type` is `urn:pencilsdown:refusal:<code>`. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  retry: string;
}

/** A test was stored; attempts that start from now on use this version. The same content is the same version. */
export interface TestStored {
  test_id: string;
  version: number;
}

/** What staff see of a test in a list, with its window; nil: it has no such end. */
export interface TestSummary {
  test_id: string;
  version: number;
  title: string;
  question_total: number;
  created_at_ms: number;
  opens_at_ms?: number | null;
  closes_at_ms?: number | null;
}

/**
 * The tests of the organisation that the caller may see, newest version each. `acts` are what her role may do, and
 * `gives` the roles of which she may give tokens. `next` continues the list, where a `limit` was given.
 */
export interface TestList {
  tests: TestSummary[];
  acts: string[];
  gives: string[];
  next?: string | null;
}

/** One version of a test, in a list. */
export interface TestVersion {
  version: number;
  title: string;
  created_at_ms: number;
}

/** The versions of a test, the newest first; `next` continues the list. */
export interface TestVersions {
  test_id: string;
  versions: TestVersion[];
  next: string | null;
}

/** A file is kept. The answer to its question names it by its `hash`; `type` is its media type. */
export interface FileHandedIn {
  hash: string;
  type: string;
  size: number;
}

/** The files of one attempt, in the order of their coming. An answer may name another one by now. */
export interface FileList {
  files: FileHandedIn[];
}

/** A picture is kept until `delete_at_ms`. The next one is taken from `next_at_ms` on. */
export interface CapturedPictureKept {
  at_ms: number;
  delete_at_ms: number;
  next_at_ms: number;
}

/**
 * A picture, `data` in base64. The interval in which it was taken began in the `n`-th span of ten seconds since the
 * start.
 */
export interface CapturedPictureShown {
  n: number;
  at_ms: number;
  delete_at_ms: number;
  type: string;
  data: string;
}

/**
 * Pictures of one attempt from one source, the newest first, of `total` that are kept. Where there are older ones
 * `before` continues the list.
 */
export interface CapturedPictureList {
  pictures: CapturedPictureShown[];
  total: number;
  before: number | null;
}

/**
 * A file was stored, or was there already. A text names it by `media:` and its `hash`. `width` and `height` of a
 * picture are in pixels. At `address` it is served, to whoever has the address.
 */
export interface MediaStored {
  hash: string;
  type: string;
  size: number;
  width: number | null;
  height: number | null;
  address: string;
}

/**
 * What became of one item of a file. `source` is the file, `item` what the item is called there. `reasons` say what
 * was lost, or why it was refused, and what else its author should know; `interactions` are the types of what is done
 * in it.
 */
export interface ImportedItem {
  source: string;
  item: string;
  outcome: "refused" | "taken" | "taken_with_loss";
  reasons: string[];
  interactions: string[];
}

/**
 * What became of a file. `version` is that of the test `test_id` which was stored; nil: nothing was stored, since
 * it was only looked at. `files` counts the pictures, sounds and films that came with it. `remarks` are about its
 * window, `findings` about how it is written, as those of `GET /tests/{test_id}/lint`.
 */
export interface ImportReply {
  test_id: string | null;
  version: number | null;
  items: ImportedItem[];
  files: number;
  remarks: string[];
  findings: Finding[];
}

/**
 * Make an attempt. A candidate makes one for herself (`user_id` nil) and gets her open one back, if there is one;
 * a service makes one for anybody and may grant extra time; given for an open attempt, it replaces what she had.
 * Without a `display_name`, or with a blank one, the user's id is shown.
 */
export interface NewAttempt {
  test_id: string;
  user_id?: string | null;
  display_name?: string | null;
  form_id?: string | null;
  extra_time_ms?: number | null;
}

/**
 * `token` opens this one attempt as its candidate; it is handed out to services only. `created` is false where the
 * candidate's open attempt was returned. Until the start a candidate is told what the test offers, her name and the
 * server's clock, so that her page need not wait for its connection to show the start; not where a link opens on one
 * device alone, which is decided when she connects.
 */
export interface AttemptMade {
  attempt_id: string;
  test_id: string;
  attempt_number: number;
  created: boolean;
  token: string | null;
  state: AttemptState;
  offer?: Offer | null;
  candidate_name?: string | null;
  now_ms?: number | null;
}

/** One of the candidate's attempts at a test. */
export interface OwnAttempt {
  attempt_id: string;
  attempt_number: number;
  status: string;
}

/** The candidate's attempts at one test, the oldest first. */
export interface OwnAttempts {
  attempts: OwnAttempt[];
}

/** The attempt's state, and the server's clock. */
export interface StateReply {
  attempt_id: string;
  now_ms: number;
  state: AttemptState;
}

/** Attempts of one test, in the order of their ids; `next` continues the list. */
export interface AttemptList {
  attempts: Row[];
  next: string | null;
}

/**
 * An attempt in a list, as of its record `seq`: at most half a minute behind while answers come in, and exact from
 * each change of `status` on. `updated_at_ms` is the instant of that record. What was not asked for is absent. Where
 * the candidate was erased, `user_id` is her alias. `test_version` is nil until the start; `deadline_ms` unless a
 * clock runs.
 */
export interface AttemptLine {
  attempt_id: string;
  test_id?: string;
  test_version?: number | null;
  form_id?: string | null;
  user_id?: string;
  name?: string;
  branch_id?: string | null;
  attempt_number?: number;
  status?: string;
  started_at_ms?: number | null;
  ended_at_ms?: number | null;
  deadline_ms?: number | null;
  progress_percent?: number;
  question_index?: number;
  seq?: number;
  updated_at_ms?: number;
}

/**
 * Attempts of the organisation; `next` continues the list. A candidate gets her own at one test, the oldest first,
 * with `attempt_id`, `attempt_number` and `status` of each, and no `next`.
 */
export interface AttemptPage {
  attempts: AttemptLine[];
  next?: string | null;
}

/**
 * Whether a candidate may begin now, and every reason against it, in the order in which she would meet them.
 *
 * `attempt_id` is her open attempt; nil: she has none. `opens_at_ms`, `closes_at_ms` and `duration_ms` are her own:
 * what she was granted is in them. `ends_at_ms` is when the attempt ends, or would if she began as soon as the clock
 * lets her, with the end of the window taken into account; nil: it has no limit, or she can't begin any more (too
 * late, or no attempt is left). `forms` are those that she may choose from when she makes an attempt; empty where she
 * has no choice.
 */
export interface AdmissionReply {
  test_id: string;
  user_id: string;
  attempt_id: string | null;
  may_start: boolean;
  hindrances: Hindrance[];
  opens_at_ms: number | null;
  closes_at_ms: number | null;
  duration_ms: number | null;
  ends_at_ms: number | null;
  forms: string[];
  now_ms: number;
}

/**
 * Start the attempt; starting a started attempt again changes nothing. `access_code` is what the candidate typed,
 * where the test asks for a code.
 */
export interface StartBody {
  connection_id?: string | null;
  access_code?: string | null;
  client_at_ms?: number;
}

/** One answer, as the socket's `answer`. */
export interface NumberedAnswer {
  n: number;
  question_id: string;
  value: Value;
  position?: number | null;
  client_at_ms: number;
}

/** Up to 64 answers, in the order of their numbers. Each is read and judged by itself. */
export interface AnswersBody {
  connection_id?: string | null;
  answers: NumberedAnswer[];
}

/** Hand in. A repetition gets the same reply. */
export interface CompleteBody {
  connection_id?: string | null;
  n?: number | null;
  client_at_ms?: number;
}

/**
 * Why one operation of a call was not accepted; it touches none of the others.
 *
 * `index` is its place in the call, from 0; `n` is nil where no number could be read in it.
 */
export interface OperationRefused {
  index: number;
  n: number | null;
  code: string;
  detail: string;
  retry: string;
}

/** Each operation of the call is durable (`acked`) or refused. `state` is the attempt's after the call. */
export interface OperationsReply {
  acked: number[];
  refused: OperationRefused[];
  seq: number;
  committed_at_ms: number;
  state: AttemptState;
}

/**
 * An answer that the device had when the attempt ended, and the server had not. `client_at_ms` is when it was
 * given, by the device's clock; `base` the greatest number that the device knew to be accepted then.
 */
export interface LateAnswerBody {
  question_id: string;
  value: Value;
  client_at_ms: number;
  base?: number;
}

/**
 * All that the device still has, at `client_now_ms` by its clock. `device` is the name that it chose; empty: it has
 * none. The same answers again are kept once.
 */
export interface LateBody {
  device?: string;
  client_now_ms: number;
  answers: LateAnswerBody[];
}

/** It is recorded. `state` says how many late answers wait for staff, and what was decided. */
export interface LateReply {
  state: AttemptState;
}

/**
 * The public key for which a page seals the answers of this attempt, where it saves them in a file: a point on the
 * curve P-256, uncompressed, in base64.
 */
export interface AnswerFileKey {
  key: string;
}

/**
 * Both versions of one answer: `held` had been submitted at `held_at_ms`, nil: nothing; `value` came late, and by
 * the device was given at `claimed_at_ms`. `words` and `held_words` say them as people read them. `overtaken`: another
 * device had answered meanwhile, of which this one knew nothing.
 */
export interface LateAnswerShown {
  question_id: string;
  body: string;
  value: Value;
  words: string;
  claimed_at_ms: number;
  held: Value;
  held_words: string;
  held_at_ms: number | null;
  overtaken: boolean;
}

/** What was decided: the `accepted` questions count as they came late, all others as they were submitted. */
export interface LateDecisionShown {
  at_ms: number;
  by: string;
  role: string;
  reason: string;
  accepted: string[];
}

/**
 * What came in one piece at `received_at_ms`. The attempt had ended at `ended_at_ms`, nil: that end was taken back,
 * and nothing can be decided any more. The answers were given between `contact_at_ms`, the last proven sign of the
 * candidate, and `received_at_ms`. `clock_known` false: nobody could compare the device's clock with the server's.
 */
export interface LateShown {
  late_id: string;
  received_at_ms: number;
  ended_at_ms: number | null;
  contact_at_ms: number | null;
  clock_known: boolean;
  from_file: boolean;
  answers: LateAnswerShown[];
  decision: LateDecisionShown | null;
}

/** All that came after the end of an attempt, the oldest first. */
export interface LateList {
  late: LateShown[];
}

/** The late answers to the `accepted` questions count in place of what was submitted; all others are rejected. */
export interface LateDecisionBody {
  command_id?: string | null;
  accepted: string[];
  reason: string;
}

/** As the socket's `beat`. */
export interface HeartbeatBody {
  connection_id?: string | null;
  t0_ms: number;
}

/**
 * As the socket's `echo`, with what a client without a socket needs: the state, messages not yet dismissed, and
 * until the start what the test offers (nil after it).
 */
export interface HeartbeatReply {
  t0_ms: number;
  t1_ms: number;
  t2_ms: number;
  state: AttemptState;
  unseen: StaffMessage[];
  offer: Offer | null;
}

/**
 * A candidate comes back, or staff let a paused attempt run again.
 *
 * A candidate gives `client`, `device`, `connect_n`, `takeover`, `seen_seq` and `seen_head`, as in the socket's
 * `hello`; staff give `command_id`, `reason` and, as in their other commands, `seen_seq`.
 */
export interface ResumeBody {
  client?: string;
  device?: string | null;
  connect_n?: number | null;
  takeover?: boolean;
  seen_seq?: number | null;
  seen_head?: string | null;
  command_id?: string | null;
  reason?: string;
}

/**
 * All that is needed to go on where the log ends: the REST form of the socket's `welcome`. A candidate names
 * `connection_id` in every call from here on; nil for staff.
 */
export interface ResumeReply {
  attempt_id: string;
  test_id: string;
  title: string;
  candidate_name: string;
  instructions: string;
  duration_ms: number | null;
  warnings_ms: number[];
  pauses_on_disconnect: boolean;
  connection_id: string | null;
  now_ms: number;
  heartbeat_ms: number;
  last_n: number;
  question_total: number;
  question_index: number;
  state: AttemptState;
  lost_records: number;
  answers: SavedAnswer[];
  flagged: string[];
  unseen: StaffMessage[];
  warning: TimeWarning | null;
  extra_time_ms: number;
  parts: Part[];
  opens_at_ms: number | null;
  closes_at_ms: number | null;
  hindrances: Hindrance[];
  gaps: string;
  order: string;
  restored: boolean;
  timing?: Timing | null;
  watching?: Watching | null;
  page?: PageSettings | null;
}

/**
 * A staff command. Repeated with the same `command_id`, it is executed once; nil: the server makes one. Where
 * somebody else has acted on the attempt since record `seen_seq`, it is refused with `acted_meanwhile`; nil: whatever
 * others have done.
 */
export interface ReasonBody {
  command_id?: string | null;
  reason?: string;
  seen_seq?: number | null;
}

/**
 * Make the attempt void. `counts`: it still is one of those that the candidate may have. The `reason` is kept in
 * the record; the candidate is told what is `said`.
 */
export interface CancelBody {
  command_id?: string | null;
  counts?: boolean;
  reason?: string;
  seen_seq?: number | null;
  said?: string;
}

/**
 * Collect the paper, or take what was abandoned. The `reason` is kept in the record; the candidate is told what is
 * `said`.
 */
export interface EndBody {
  command_id?: string | null;
  reason?: string;
  seen_seq?: number | null;
  said?: string;
}

/**
 * Make a cancelled attempt, or one whose candidate was absent, what it was before. `on_return`: its clocks stand
 * until she is there.
 */
export interface ReinstateBody {
  command_id?: string | null;
  on_return?: boolean;
  reason?: string;
  seen_seq?: number | null;
}

/** Move the deadline. */
export interface ExtendBody {
  command_id?: string | null;
  add_ms: number;
  reason?: string;
  seen_seq?: number | null;
}

/**
 * What a candidate is granted on top of the test's duration, at this test, instead of what she had; nil: what she
 * and her groups are granted is put in force. A running clock loses time only if it `may_shorten`.
 */
export interface AccommodateBody {
  command_id?: string | null;
  extra_time_ms?: number | null;
  reason?: string;
  may_shorten?: boolean;
  seen_seq?: number | null;
}

/** The rules of the test's newest version. A running clock loses time only if it `may_shorten`. */
export interface ApplyRulesBody {
  command_id?: string | null;
  reason?: string;
  may_shorten?: boolean;
  seen_seq?: number | null;
}

/** Send the candidate a message. */
export interface MessageBody {
  command_id?: string | null;
  text: string;
}

/**
 * Let the candidate go on after the end, with `left_ms` on the clock; nil: without a limit, as the attempt had
 * none. `on_return`: the clock stands until she is there.
 */
export interface ReopenBody {
  command_id?: string | null;
  left_ms?: number | null;
  reason: string;
  on_return?: boolean;
  seen_seq?: number | null;
}

/** A staff command is durable as record `seq`. */
export interface CommandReply {
  command_id: string;
  seq: number;
  state: AttemptState;
}

/**
 * Do something to many attempts at a test: to those of `attempt_ids`, or to all that fit `filter` now. With both
 * the ids count, and the filter says who was meant. The same `bulk_id` again is the same act. An act that comes at
 * `until_ms` or later, by the server's clock, is not given; nil: it may come at any time.
 *
 * `seen_ms` of an order is when its giver has looked at the attempts: where somebody else has acted on one since, it
 * is refused for that one with `acted_meanwhile`. A further attempt is refused too where somebody else has changed
 * what the candidate herself is granted.
 */
export interface BulkBody {
  bulk_id: string;
  order: PauseOrder | ResumeOrder | ExtendOrder | MessageOrder | WarnOrder | EndOrder | CancelOrder | ReinstateOrder | AdmitOrder | ReopenOrder | AcceptOrder | AllowDeviceOrder | AcknowledgeHandOrder | AccommodateOrder | ApplyRulesOrder | GrantAttemptOrder;
  attempt_ids?: string[] | null;
  filter?: Filter | null;
  until_ms?: number | null;
}

/**
 * How far an act on many attempts has come. Of `total` attempts `done` have been served and `refused` could not be;
 * the others wait. `command` is its order's name, and `reason` what was given as reason, or written to the candidates.
 * `by` and `role`: who gave it.
 */
export interface BulkReply {
  bulk_id: string;
  test_id: string;
  command: string;
  reason: string;
  by: string;
  role: string;
  status: "ended" | "running";
  total: number;
  done: number;
  refused: number;
  created_at_ms: number;
  ended_at_ms: number | null;
}

/**
 * One attempt of an act. `outcome` is waiting, done or refused; `code` and `detail` say why it was refused. `name`
 * and `user_id` are empty where there is no such attempt.
 */
export interface BulkTarget {
  attempt_id: string;
  user_id: string;
  name: string;
  outcome: "done" | "refused" | "waiting";
  code: string | null;
  detail: string | null;
}

/** An act and a page of its attempts, in the order of their ids; `next` continues the list. */
export interface BulkTargets {
  act: BulkReply;
  targets: BulkTarget[];
  next: string | null;
}

/** The newest acts on many attempts at a test, the newest first. */
export interface BulkList {
  acts: BulkReply[];
}

/** An attempt that fits the filter of an act now, and did not when the act was accepted. */
export interface LeftOut {
  attempt_id: string;
  user_id: string;
  name: string;
  status: string;
}

/** Whom an act did not reach because they came later; empty where it had no filter. */
export interface LeftOutList {
  bulk_id: string;
  left_out: LeftOut[];
}

/**
 * Grant the candidate one more attempt at the test than she may have now. Repeated with the same `command_id`, it
 * is done once; nil: the server makes one.
 *
 * `seen_ms` is when its giver has looked, by the server's clock: where somebody else has acted on the attempt since,
 * or changed what the candidate herself is granted, it is refused with `acted_meanwhile`; nil: that does not matter.
 */
export interface GrantAttemptBody {
  command_id?: string | null;
  reason?: string;
  seen_ms?: number | null;
}

/** How many attempts the candidate may have beyond the rules of the test, by her own override. */
export interface GrantAttemptReply {
  command_id: string;
  test_id: string;
  user_id: string;
  extra_attempts: number;
}

/** A time in which no server was there, or (`server_died`) in which one that had died left its candidates alone. */
export interface Incident {
  from_ms: number;
  until_ms: number;
  server_died: boolean;
}

/**
 * What one candidate lost of a running clock, between `from_ms` and `until_ms`. `connected`: she was there when it
 * began. `given_ms`: what staff have given her since then.
 */
export interface LostTime {
  attempt_id: string;
  user_id: string;
  name: string;
  status: string;
  lost_ms: number;
  from_ms: number;
  until_ms: number;
  connected: boolean;
  given_ms: number;
}

/**
 * Outages of the last day, and who among the attempts of this page lost time by them; `next` continues with further
 * attempts. It is a proposal: nobody has been given anything. Whoever gives time by it names `now_ms` as `seen_ms` of
 * the order, so that no two give it.
 */
export interface IncidentPage {
  test_id: string;
  now_ms: number;
  incidents: Incident[];
  lost: LostTime[];
  next: string | null;
}

/**
 * Until when staff have seen what they were alerted of in this attempt, by the times of the alerts; nil: it counts
 * as not seen again.
 */
export interface AlertsSeenBody {
  until_ms: number | null;
}

/** Who has seen the alerts of an attempt until `until_ms` (nil: nobody any more), and when that was said. */
export interface SeenAlerts {
  attempt_id: string;
  until_ms: number | null;
  by: string;
  at_ms: number;
}

/** For each attempt the mark that is in force, among the newest twenty thousand of the test. */
export interface SeenAlertsList {
  seen: SeenAlerts[];
}

/**
 * Withdraw tokens of the organisation: one by its `jti`, or all that a user (`sub`) was given up to now. Name one
 * of the two.
 */
export interface RevocationBody {
  token_id?: string | null;
  user_id?: string | null;
  reason: string;
}

/** The tokens are refused from `revoked_at_ms` on. Connections that were opened with them end. */
export interface RevocationReply {
  revocation_id: string;
  revoked_at_ms: number;
}

/**
 * A token for `user_id`. Staff are limited by `branches`, `tests` and `groups`; nil: as whoever gives it. A
 * candidate may be given one for an attempt of hers, and has one branch at most. `lifetime_ms` nil: 12 hours. A token
 * of staff never ends later than that of whoever gives it.
 */
export interface TokenBody {
  role: string;
  user_id: string;
  name?: string | null;
  attempt_id?: string | null;
  branches?: string[] | null;
  tests?: string[] | null;
  groups?: string[] | null;
  lifetime_ms?: number | null;
}

/** The token, the id by which it can be withdrawn, and what it is limited to. */
export interface TokenReply {
  token: string;
  token_id: string;
  role: string;
  user_id: string;
  attempt_id: string | null;
  branches: string[] | null;
  tests: string[] | null;
  groups: string[] | null;
  expires_at_ms: number;
}

/** For how long the token is to be good; nil: for 30 days. */
export interface ResultTokenBody {
  lifetime_ms?: number | null;
}

/** A token that shows the result of this attempt as its candidate may see it, and nothing else. */
export interface ResultTokenReply {
  attempt_id: string;
  token: string;
  expires_at_ms: number;
}

/** Whether staff sign in at an identity provider here. */
export interface SignInOffer {
  offered: boolean;
}

/** A sign-in begins; the tab keeps the verifier until it comes back. */
export interface SignInBody {
  verifier: string;
}

/** Where the browser goes to sign in. */
export interface SignInBegun {
  address: string;
}

/** What the provider sent the browser back with (`code`, `state`, and `iss` as `issuer`), and the tab's verifier. */
export interface SignInEnd {
  code: string;
  state: string;
  verifier: string;
  issuer?: string | null;
}

/** A token for whoever has signed in. */
export interface SignInReply {
  token: string;
  expires_at_ms: number;
}

/** The token is withdrawn. `address`: where the browser goes to leave the provider too; nil: nowhere. */
export interface SignOutReply {
  address: string | null;
}

/**
 * A key for the service `user_id`: so the logs say who acted with it. It may do what `role` may, where `branches`,
 * `tests` and `groups` allow it; nil: as whoever makes it. `lifetime_ms`: by default 90 days.
 */
export interface ApiKeyBody {
  role: string;
  user_id: string;
  name?: string;
  branches?: string[] | null;
  tests?: string[] | null;
  groups?: string[] | null;
  lifetime_ms?: number;
}

/**
 * A key without its secret. `expires_at_ms`: when its newest secret ends. `last_used_ms`: in the hour that begins
 * there; nil: never, or not for some minutes.
 */
export interface ApiKeyReply {
  key_id: string;
  role: string;
  user_id: string;
  name: string;
  branches: string[] | null;
  tests: string[] | null;
  groups: string[] | null;
  made_at_ms: number;
  made_by: string;
  expires_at_ms: number;
  revoked_at_ms: number | null;
  last_used_ms: number | null;
}

/**
 * A key with its secret, as the header `Authorization: Bearer …` takes it. It is shown this once. `old_ends_at_ms`:
 * until when the one before it is good; nil: there was none.
 */
export interface ApiKeyMade {
  key: ApiKeyReply;
  secret: string;
  old_ends_at_ms?: number | null;
}

/** Keys of the organisation, the oldest first unless another order is asked for; `next` continues the list. */
export interface ApiKeyList {
  keys: ApiKeyReply[];
  next?: string | null;
}

/** A new secret, good for `lifetime_ms`; the one before it stays good for `overlap_ms` (by default a day). */
export interface RenewBody {
  lifetime_ms?: number;
  overlap_ms?: number;
}

/**
 * Days from the last record of an attempt until its log goes into an archive (`archive_after_days`), and from then
 * until the archive is deleted (`drop_after_days`); days after which an entry of the audit log loses what it says
 * (`audit_days`), what was delivered is forgotten (`delivery_days`), and a file of tests that no version of any test
 * names is deleted (`media_days`). Nil: as the operator has it; without a word of hers for ever, and deliveries for 3
 * days.
 */
export interface RetentionBody {
  archive_after_days?: number | null;
  drop_after_days?: number | null;
  audit_days?: number | null;
  delivery_days?: number | null;
  media_days?: number | null;
}

/**
 * What the organisation has said, what the operator allows (`at_most`, `at_least`), and what both make
 * (`in_force`). `moves_logs`: this server moves old logs by itself; else the operator does by a command, now and
 * then. `etag` is what `If-Match` takes.
 */
export interface RetentionReply {
  rule: RetentionBody;
  at_most: RetentionBody;
  at_least: RetentionBody;
  in_force: RetentionBody;
  moves_logs: boolean;
  etag: string;
}

/**
 * What would go at once: `logs` into an archive, `archives` for ever, the words of `audit_entries`, `deliveries`,
 * and `media`: files that were found unused so many days ago. `unused_media`: all that no test names now; their days
 * count from when the server finds them, if there is a rule. `clock_doubtful`: the server does not trust its clock,
 * and nothing goes before an operator has looked at it.
 */
export interface RetentionPreview {
  at_ms: number;
  logs: number;
  archives: number;
  audit_entries: number;
  deliveries: number;
  media: number;
  unused_media: number;
  clock_doubtful: boolean;
}

/**
 * What was earned by answers to `questions` with the tag of one skill, and the share of their points. By chance the
 * share of more such questions could have been anything from `low_permille` to `high_permille` (95 %). `standing`:
 * all of that reaches the goal, all of it lies `below`, or so few questions leave it `open`.
 */
export interface Skill {
  tag: string;
  title: string;
  questions: number;
  score_mpt: number;
  max_mpt: number;
  share_permille: number;
  low_permille: number;
  high_permille: number;
  standing: "below" | "open" | "reached";
}

/** One attempt of a person: what it says of her skills. `marked_at_ms` is when its newest marks were kept. */
export interface SkillsOfAttempt {
  attempt_id: string;
  test_id: string;
  attempt_number: number;
  marked_at_ms: number;
  skills: Skill[];
}

/**
 * What a person can do, from the attempts whose marks are complete: the newest `attempts`, and all of them
 * together. A skill is the same in every test that names its tag; its title is that of the newest.
 */
export interface SkillsOfPerson {
  goal_permille: number;
  skills: Skill[];
  attempts: SkillsOfAttempt[];
}

/** Every answer the log holds, the last one of each question. */
export interface AnswersReply {
  attempt_id: string;
  seq: number;
  answers: SavedAnswer[];
}

/**
 * A person's mark for one question: points in thousandths, and a remark for the candidate. It lies below zero only
 * where wrong answers to the question take points away. To correct a mark after the marks are complete takes a
 * `reason`, which the candidate does not see. `max_mpt` is what the question was worth when the marker looked: the
 * mark is refused where it is worth something else by now. `criteria`: where the question has a rubric, the level of
 * each criterion, by its points; `score_mpt` is their sum.
 */
export interface MarkBody {
  command_id?: string | null;
  score_mpt: number;
  max_mpt?: number | null;
  remark?: string;
  reason?: string;
  criteria?: CriterionMark[];
}

/** A mark as a person gave it: so much of what the question was worth then. */
export interface GivenOf {
  score_mpt: number;
  max_mpt: number;
}

/**
 * What the keys give for one of several interactions of a question; nil: a person judges it, with the whole
 * question.
 */
export interface PartMark {
  response_id: string;
  score_mpt: number | null;
  max_mpt: number;
}

/**
 * What a person gave by one criterion of the rubric. `says` is the author's text of the level, where her test shows
 * it to candidates; nil also where the mark is the mean of two that differ.
 */
export interface JudgedCriterion {
  name: string;
  score_mpt: number;
  max_mpt: number;
  says?: string | null;
}

/**
 * The mark of one question. `score_mpt` is nil while it waits for a person; it may lie below zero. `feedback` is
 * the author's, where her test shows it to candidates. `given` is what a person gave while the question was worth
 * other points: `score_mpt` is the same share of `max_mpt`. `parts` are the marks of the question's interactions,
 * where it has several: what the keys give for each, also where a person has marked the whole question, or where it
 * counts only as a whole. `criteria` is of what a person made the mark; nil: she gave it as a whole, or the question
 * has another rubric by now.
 */
export interface Mark {
  question_id: string;
  score_mpt: number | null;
  max_mpt: number;
  marked_by: string | null;
  remark: string;
  feedback?: string | null;
  given?: GivenOf | null;
  parts?: PartMark[] | null;
  criteria?: JudgedCriterion[] | null;
}

/**
 * What the author says of a candidate's answer, as restricted HTML: of an `option` that she chose (itself
 * restricted HTML, of one line), or of what she typed, in the interaction `response_id`; nil: of the mark of the whole
 * question.
 */
export interface Feedback {
  question_id: string;
  response_id: string | null;
  option: string | null;
  body: string;
}

/**
 * A complete attempt of the candidate. `this`: it is the one that was asked for. `counts`: it counts, alone or as a
 * part of the average.
 */
export interface CountingPart {
  attempt_number: number;
  score_mpt: number;
  max_mpt: number;
  this: boolean;
  counts: boolean;
}

/**
 * Which of a candidate's attempts counts, by the test's newest `rule`. `waiting` of them have ended and wait for
 * marks: until these are made nothing counts, since any of them may be the one that does. `score_mpt`, `max_mpt` and
 * `grade` are those of the attempt that counts, or of the average, rounded down to a thousandth of a point. `parts`
 * are her complete attempts. A result token shows the part of its own attempt alone, and what counts only where that
 * is its own attempt.
 */
export interface Counting {
  rule: "average" | "best" | "first" | "latest";
  waiting: number;
  score_mpt: number | null;
  max_mpt: number | null;
  grade: string | null;
  parts: CountingPart[];
}

/**
 * The marks of an ended attempt. `complete` is false while a person has still to mark something; a candidate gets
 * none before that, and never learns who marked. `marks_from_ms`: `marks` is empty because others sit the test, or may
 * still start it; ask again then. Nil: all of them are here.
 *
 * Marks that change make the next `version`; none is ever overwritten. `key_version` is the version of the test by
 * whose keys it was marked. `reason` and `changed_by` say for what and by whom marks were changed; `corrected`, to the
 * candidate, that her complete marks were. `grade` is nil where the test has none for this score. `warnings` are the
 * formal ones that the candidate was given, the oldest first; nil for everybody but staff who read results. `counting`
 * is for candidates who have had, or may have, several attempts. `feedback` is what the author says of the
 * candidate's answers and their marks, beside the `feedback` of the marks themselves, where her test shows it to
 * candidates; `media` are the files that all of these name. `skills` are what the answers say of the skills that the
 * test names, to the candidate, with `marks`. `leaderboard` is the test's rule, to the candidate.
 */
export interface Result {
  attempt_id: string;
  test_id: string;
  test_version: number;
  user_id: string;
  status: string;
  reference: string | null;
  complete: boolean;
  score_mpt: number;
  max_mpt: number;
  awaiting_marks: number;
  marks: Mark[];
  marks_from_ms?: number | null;
  version?: number;
  key_version?: number | null;
  reason?: string;
  changed_by?: string | null;
  grade?: string | null;
  warnings?: FormalWarning[] | null;
  corrected?: boolean;
  counting?: Counting | null;
  feedback?: Feedback[] | null;
  media?: PaperMedium[] | null;
  skills?: Skill[] | null;
  leaderboard?: "off" | "score" | "score_and_time";
}

/**
 * The answer to one interaction of a question, in words: options by their texts. `score_mpt` is what the keys give;
 * nil: a person judges it, with the author's `guidance`. `file` is the hash of a file that was handed in, `markup` an
 * answer that is rich text, as it was written; `word_count` that of an essay.
 */
export interface AnswerPart {
  response_id: string;
  value: string;
  guidance: string | null;
  score_mpt: number | null;
  max_mpt: number;
  file?: string | null;
  markup?: string | null;
  word_count?: number | null;
}

/**
 * An answer that a person has to mark, or a part of which, with what the marker needs: `body` is what the question
 * says, as restricted HTML, `passage` what is to be read beside it, `media` are the files that both name, and `parts`
 * the answers to its interactions. A mark lies between `min_mpt` and `max_mpt`. `outdated_mpt` is what a person gave
 * for the answer before it was changed, in a reopened attempt: that mark holds no longer. `criteria` is of what the
 * mark was made that is there, by the `rubric`.
 */
export interface EssayAnswer {
  question_id: string;
  body: string;
  passage: PaperPassage | null;
  media: PaperMedium[];
  parts: AnswerPart[];
  score_mpt: number | null;
  min_mpt: number;
  max_mpt: number;
  remark: string;
  outdated_mpt?: number | null;
  rubric: Criterion[];
  criteria: CriterionMark[];
}

/** The answers of one attempt that a person has to mark. */
export interface EssayList {
  attempt_id: string;
  essays: EssayAnswer[];
}

/**
 * The newest marks of an attempt, in a list; the marks of its questions come with the result itself. `marked_at_ms`
 * is when they were kept. What was not asked for is absent.
 */
export interface ResultLine {
  attempt_id: string;
  test_id?: string;
  test_version?: number;
  user_id?: string;
  name?: string;
  branch_id?: string | null;
  attempt_number?: number;
  status?: string;
  version?: number;
  key_version?: number | null;
  reference?: string | null;
  complete?: boolean;
  score_mpt?: number;
  max_mpt?: number;
  awaiting_marks?: number;
  marked_at_ms?: number;
}

/**
 * Results of many attempts; `next` continues the list. Which of a candidate's attempts counts, and her grade, say
 * the results of a test.
 */
export interface ResultPage {
  results: ResultLine[];
  next: string | null;
}

/**
 * What came of it: points in thousandths, and the grade where the test has one. `version` counts the marks of the
 * attempt that came one after the other.
 */
export interface ConfirmedResult {
  score_mpt: number;
  max_mpt: number;
  grade: string | null;
  version: number;
}

/**
 * What a confirmation says. `iss` is the server that signed it, `iat` when, in seconds (RFC 7519). `result` is nil
 * where the candidate may not see hers, or not yet.
 */
export interface Confirmed {
  iss: string;
  iat: number;
  org_id: string;
  attempt_id: string;
  reference: string;
  test_id: string;
  title: string;
  name: string;
  started_at_ms: number;
  ended_at_ms: number;
  result: ConfirmedResult | null;
}

/**
 * `signed` is a JSON Web Signature (RFC 7515, EdDSA) of what is `confirmed`. Whoever has it can check it by the
 * keys at `keys`, or ask at `check` whether it still holds.
 */
export interface Confirmation {
  signed: string;
  confirmed: Confirmed;
  keys: string;
  check: string;
}

/** A confirmation as somebody brought it. */
export interface CheckBody {
  signed: string;
}

/**
 * Whether this server signed it; if so, what it says and how it stands: `current`; `replaced` by other marks, or by
 * a paper that was handed in anew; or `withdrawn`, since the attempt was cancelled, its result is held back, or what
 * was personal in it was erased.
 */
export interface CheckReply {
  genuine: boolean;
  standing?: "current" | "replaced" | "withdrawn" | null;
  confirmed?: Confirmed | null;
}

/**
 * One record of an attempt's log. `header` and `body` hold its bytes in base64, `digest` and `hash` are
 * hexadecimal. `by` and `fact` are what the body says; empty where it can't be read. `at_ms` is when the record was
 * received, `written_at_ms` when its transaction began. `withheld`: the caller may not read answers, or results, and
 * this record says one; `by`, `fact` and `body` are empty then, and the chain holds without them.
 */
export interface LogEntry {
  seq: number;
  at_ms: number;
  written_at_ms: number;
  role: string;
  by: string;
  kind: string;
  fact: Record<string, unknown>;
  header: string;
  digest: string;
  body: string;
  hash: string;
  withheld: boolean;
}

/**
 * Records of one attempt, in order; `next` is the `after` that continues the list, nil at its end. `key` is the
 * attempt's, in hexadecimal: the digests of bodies are made with it. It is empty for callers from whom something is
 * withheld: with it they could try out which body a digest belongs to.
 */
export interface LogPage {
  attempt_id: string;
  key: string;
  entries: LogEntry[];
  next: number | null;
}

/**
 * One entry of an organisation's audit log: `by` did what `entry` says, in this `role`. `subject` is the person
 * whom it is about. `header` and `body` hold its bytes in base64, `key`, `digest` and `hash` are hexadecimal. Of what
 * was erased `by`, `entry`, `body`, `key` and `subject` are empty.
 */
export interface AuditEntry {
  seq: number;
  at_ms: number;
  role: string;
  by: string;
  kind: string;
  subject: string | null;
  entry: Record<string, unknown>;
  header: string;
  digest: string;
  key: string;
  body: string;
  hash: string;
}

/**
 * Entries of the caller's organisation, in order, or with `before` the newest first; `next` is the `after`, or the
 * `before`, that continues the list, nil at its end.
 */
export interface AuditPage {
  org_id: string;
  entries: AuditEntry[];
  next: number | null;
}

/** Everything personal is gone. `attempts`: how many the person had; 0: nothing was there (any more). */
export interface ErasureReply {
  attempts: number;
}

/** One record of a log: when it was received, who acted, and what happened. */
export interface ExportedRecord {
  seq: number;
  at_ms: number;
  kind: string;
  role: string;
  by: string;
  fact: Record<string, unknown>;
}

/** A file that was handed in; `data` in base64. */
export interface ExportedFile {
  hash: string;
  type: string;
  size: number;
  created_at_ms: number;
  data: string;
}

/** A picture from her camera or of her screen (`source`); `data` in base64. */
export interface ExportedPicture {
  source: string;
  at_ms: number;
  delete_at_ms: number;
  type: string;
  data: string;
}

/**
 * All that is kept of one attempt; `test_version` is nil where it was never started. `warnings` are formal.
 * Messages of staff, addresses and browsers are also in the records. Where these are in an archive it has this name:
 * whoever runs the server can bring them back, and export again.
 */
export interface ExportedAttempt {
  attempt_id: string;
  test_id: string;
  test_version: number | null;
  form_id: string | null;
  branch_id: string | null;
  attempt_number: number;
  display_name: string;
  status: string;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  ip_address: string | null;
  user_agent: string | null;
  answers: SavedAnswer[];
  result: Result | null;
  warnings: FormalWarning[];
  log: ExportedRecord[];
  files: ExportedFile[];
  captured_pictures: ExportedPicture[];
  archive?: string | null;
}

/** A withdrawal of all tokens that the person had. */
export interface ExportedRevocation {
  revoked_at_ms: number;
  revoked_by: string;
  reason: string;
}

/** What the person herself is enrolled for: a test or a course (`to_kind`). */
export interface ExportedEnrolment {
  to_kind: string;
  to_id: string;
  form_id: string | null;
  has_access_code: boolean;
}

/** What the person herself is granted, at one test or (`test_id` nil) at every test. */
export interface ExportedOverride {
  test_id: string | null;
  override: Record<string, unknown>;
  changed_at_ms: number;
  reason: string;
}

/** What an identity provider has said of the person by SCIM. */
export interface ExportedAccount {
  user_name: string;
  external_id: string | null;
  given_name: string | null;
  family_name: string | null;
}

/** That she chose to stand on the leaderboard of a test, under a pseudonym or (nil) her number there. */
export interface ExportedStand {
  test_id: string;
  number: number;
  pseudonym: string | null;
  since_ms: number;
}

/**
 * What the organisation has said of the person. The name is empty where it has said none.
 *
 * `by_provider` nil: no identity provider has said anything of her. `mail_stopped_at_ms`: since when she gets no
 * letters but those that she must get; nil: she has not asked for that.
 */
export interface ExportedPerson {
  name: string;
  email: string | null;
  branch_id: string | null;
  groups: string[];
  enrolments: ExportedEnrolment[];
  overrides: ExportedOverride[];
  mail_stopped_at_ms?: number | null;
  by_provider?: ExportedAccount | null;
  leaderboards?: ExportedStand[];
}

/** Everything that is kept of a person. */
export interface PersonExport {
  org_id: string;
  user_id: string;
  exported_at_ms: number;
  person: ExportedPerson;
  attempts: ExportedAttempt[];
  revocations: ExportedRevocation[];
}

/** Whether this node can serve, and what is missing. */
export interface Readiness {
  ready: boolean;
  missing: string[];
  version: string;
}

/**
 * A test that is sat in the span of time that was asked about: how many are enrolled and have not come (`expected`;
 * absent, where the test's window is over), have come and not begun (`waiting`), sit it, have ended, were absent, or
 * have an attempt that is void. Counts are of the attempts and people whom the caller reaches.
 */
export interface RoomSummary {
  test_id: string;
  title: string;
  opens_at_ms: number | null;
  closes_at_ms: number | null;
  expected: number;
  waiting: number;
  in_progress: number;
  paused: number;
  ended: number;
  absent: number;
  cancelled: number;
}

/** Rooms in the order of their tests' ids, a page at a time; `at_ms` is the server's time. */
export interface RoomList {
  rooms: RoomSummary[];
  at_ms: number;
  next: string | null;
}

/**
 * How the server is. `missing` keeps the node that answers from serving newcomers; while an `upgrade` is under way
 * some of what is new is refused; without the `relay` rooms follow later what happens on other nodes. `clock_off_ms`
 * is how far the node's clock is off the database's at least.
 */
export interface ServerState {
  version: string;
  missing: string[];
  upgrade: boolean;
  relay: boolean;
  clock_off_ms: number;
  at_ms: number;
}

/**
 * What is to be known of a person, instead of what was known before. `active` false: her account is switched off,
 * and she begins no test; nil: it stays on or off.
 */
export interface PersonBody {
  name: string;
  email?: string | null;
  branch_id?: string | null;
  active?: boolean | null;
}

/** A person in a list. */
export interface PersonSummary {
  user_id: string;
  name: string;
  email: string | null;
  branch_id: string | null;
  active: boolean;
}

/** A person, and the groups that she is in. */
export interface PersonReply {
  user_id: string;
  name: string;
  email: string | null;
  branch_id: string | null;
  active: boolean;
  groups: string[];
}

/** People in the order of their ids; `next` continues the list. */
export interface PersonList {
  people: PersonSummary[];
  next: string | null;
}

/** A class, a room, a list of people. */
export interface GroupBody {
  title: string;
}

/** A group, and how many are in it. */
export interface GroupReply {
  group_id: string;
  title: string;
  member_total: number;
}

/** Groups in the order of their ids; `next` continues the list. */
export interface GroupList {
  groups: GroupReply[];
  next: string | null;
}

/** A group, and those of its members who have an attempt at a test. */
export interface RoomGroup {
  group_id: string;
  title: string;
  user_ids: string[];
}

/** The groups of those who have an attempt at a test that the caller sees, in the order of their ids. */
export interface RoomGroups {
  test_id: string;
  groups: RoomGroup[];
}

/** This user is in this group. */
export interface MemberReply {
  group_id: string;
  user_id: string;
}

/** The users in a group, in the order of their ids; `next` continues the list. */
export interface MemberList {
  user_ids: string[];
  next: string | null;
}

/**
 * Enrol a user or a group for a test, or for all tests of a course: name one of each two. `access_code` is a code
 * of her own instead of the test's, `form_id` the form that she sits.
 */
export interface EnrolmentBody {
  test_id?: string | null;
  course_id?: string | null;
  user_id?: string | null;
  group_id?: string | null;
  access_code?: string | null;
  form_id?: string | null;
}

/** Who is enrolled for what. The code itself is not kept: `has_access_code` says that there is one. */
export interface EnrolmentReply {
  test_id: string | null;
  course_id: string | null;
  user_id: string | null;
  group_id: string | null;
  has_access_code: boolean;
  form_id: string | null;
}

/**
 * Who is enrolled for a test or a course: groups first, each kind in the order of ids. `next` continues the
 * list.
 */
export interface EnrolmentList {
  enrolments: EnrolmentReply[];
  next: string | null;
}

/** Enrolled, with no attempt. `name` is blank where nobody has said one. */
export interface ExpectedPerson {
  user_id: string;
  name: string;
  branch_id: string | null;
}

/**
 * In the order of their ids, a page at a time; `total` is how many there are in all. `closed`: the test's window is
 * over, so that they are absent. `next` continues the list.
 */
export interface ExpectedList {
  total: number;
  closed: boolean;
  people: ExpectedPerson[];
  next: string | null;
}

/** It is gone; `removed` is false where it was not there. */
export interface Removed {
  removed: boolean;
}

/**
 * What a user or a group is granted in place of the rules, instead of what was granted before. Open attempts follow
 * at once; none that has started loses time by it.
 */
export interface OverrideBody {
  override: Override;
  reason?: string;
}

/**
 * What a user or a group is granted, at one test or (`test_id` nil) at every test; when it was said, by whom, and
 * why. `etag` is the tag of this state, also in a list: whoever changes it sends it as `If-Match`.
 */
export interface OverrideReply {
  test_id: string | null;
  user_id: string | null;
  group_id: string | null;
  override: Override;
  changed_at_ms: number;
  changed_by: string;
  reason: string;
  etag: string;
}

/** Overrides of groups first, then those of users, each kind in the order of ids. `next` continues the list. */
export interface OverrideList {
  overrides: OverrideReply[];
  next: string | null;
}

/**
 * A roster for a test, or for all tests of a course: name one of the two. `csv` is the whole table as text. With
 * `dry_run` it is only looked at.
 */
export interface RosterBody {
  test_id?: string | null;
  course_id?: string | null;
  csv: string;
  dry_run?: boolean;
}

/** What is wrong, where: `line` counts from 1, `column` is nil where the whole line is meant. */
export interface RosterMistake {
  line: number;
  column: string | null;
  reason: string;
}

/**
 * An instant of the roster as it is `written`, and as it was read; `offset_ms` is the offset from UTC that it is
 * written with. Where it is that of another season on the clocks of whoever wrote it, another hour may be meant.
 */
export interface RosterInstant {
  written: string;
  at_ms: number;
  offset_ms: number;
}

/**
 * How many people of the roster are new, were changed, or were known exactly so. `mistakes` are those that a dry
 * run has found (the first thousand): then nothing is counted. `instants` are the different ones of all windows (the
 * first hundred).
 */
export interface RosterReply {
  made: number;
  changed: number;
  unchanged: number;
  mistakes: RosterMistake[];
  instants: RosterInstant[];
}

/** What is wrong in a file: `line` counts from 1, 0 where the whole file is meant. */
export interface OneRosterMistake {
  file: string;
  line: number;
  reason: string;
}

/**
 * What came of the files, or what a dry run says that would come of them. `joined` and `left` count members of
 * groups. `mistakes` are those that a dry run has found (the first hundred): then nothing is counted.
 */
export interface OneRosterReply {
  people_made?: number;
  people_changed?: number;
  people_unchanged?: number;
  people_removed?: number;
  groups_made?: number;
  groups_changed?: number;
  groups_removed?: number;
  joined?: number;
  left?: number;
  mistakes: OneRosterMistake[];
}

/**
 * What is wrong, in a sentence; `user_id` nil: for everybody who was granted nothing. `missing_ms` is how much too
 * short it is.
 */
export interface ScheduleTrouble {
  trouble: string;
  detail: string;
  user_id: string | null;
  missing_ms: number | null;
}

/**
 * Of so many `candidates` (enrolled, granted something, or with an attempt that has not started): `total` warnings,
 * the first 500 of them here.
 */
export interface ScheduleWarnings {
  test_id: string;
  candidates: number;
  total: number;
  warnings: ScheduleTrouble[];
}

/**
 * One candidate's paper: its version of the test, and what it is worth. `duration_ms` is the test's, without what
 * was granted to her.
 */
export interface SatPaperOf {
  attempt_id: string;
  user_id: string;
  test_version: number;
  form_id: string | null;
  question_total: number;
  max_mpt: number;
  duration_ms: number | null;
}

/**
 * Where two papers differ: `what` is form, duration, order, length, question, section, points, limit, words or
 * options. `position` counts questions from 0; nil: it is about the whole paper. `of_equal_worth`: it makes neither
 * paper worth more, and `detail` says why.
 */
export interface PaperDifference {
  what: string;
  position: number | null;
  one: string;
  other: string;
  of_equal_worth: boolean;
  detail: string;
}

/**
 * `equal`: nothing that a candidate reads or may earn differs. `of_equal_worth`: every difference is of equal
 * worth. The first hundred differences are named.
 */
export interface PapersReply {
  test_id: string;
  equal: boolean;
  of_equal_worth: boolean;
  papers: SatPaperOf[];
  differences: PaperDifference[];
}

/**
 * A paper of the newest version of a test: of one of its `forms`, drawn and shuffled by the `seed`. `varies`: other
 * seeds give other papers. All of it is shown, also what candidates see section by section. `duration_ms` is the
 * test's; nil: no limit. `unscored` are the ids of its questions that count in no score.
 */
export interface Preview {
  paper: Paper;
  forms: string[];
  seed: number;
  varies: boolean;
  duration_ms: number | null;
  unscored: string[];
}

/**
 * One answer, or a part of one: an option, a pair, a text, a number. `says` is plain text, or restricted HTML of
 * one line where `is_markup`. `points_mpt` is what it gives; nil: it is a part of what is right. `feedback` is what is
 * said to whoever answers so, as restricted HTML.
 */
export interface KeyLine {
  says: string;
  is_markup: boolean;
  points_mpt: number | null;
  feedback: string | null;
}

/**
 * The key of one interaction: what each answer is worth, and what else is accepted. A wrong one takes `wrong_mpt`
 * away. The `guidance` is for the person who judges, where one does.
 */
export interface InteractionKey {
  response_id: string;
  points_mpt: number;
  wrong_mpt: number;
  lines: KeyLine[];
  guidance: string | null;
}

/** What is said from so many thousandths of the question's points on. */
export interface ScoreLine {
  from_permille: number;
  body: string;
}

/**
 * The key of one question. `right` is the right answer, as a candidate would give it; nil: persons judge, or
 * nobody does. `feedback` is said of every answer, `score_feedback` of marks. By the `rubric` persons judge.
 */
export interface QuestionKey {
  question_id: string;
  right: Value;
  interactions: InteractionKey[];
  feedback: string | null;
  score_feedback: ScoreLine[];
  rubric: Criterion[];
}

/** The keys of a whole test. */
export interface TestKey {
  test_id: string;
  version: number;
  questions: QuestionKey[];
}

/**
 * Something that its author should look at. `where` is a part of the test in words ("question 'one', part 'b'");
 * `question_id` and `response_id` name it, where it is a question or an interaction. `says` is a sentence. It tells no
 * key.
 */
export interface Finding {
  code: "consent_required" | "correct_is_not_best" | "equal_options" | "key_never_counts" | "limits_exceed_duration" | "missing_alt" | "missing_file" | "no_table_headers" | "rule_without_effect" | "telling_ids" | "too_long_to_read" | "unreachable_points" | "untypable_key";
  where: string;
  says: string;
  question_id?: string | null;
  response_id?: string | null;
}

/** What was found in the newest version of a test, in its order. */
export interface LintReply {
  test_id: string;
  version: number;
  findings: Finding[];
}

/**
 * One attempt of a candidate with its newest marks. Without marks, `version` is 0. `key_version` is the version of
 * the test by whose keys it was marked. `warnings` are the formal ones that she was given in it, the oldest first.
 */
export interface AttemptResult {
  attempt_id: string;
  attempt_number: number;
  status: string;
  version: number;
  key_version: number | null;
  complete: boolean;
  score_mpt: number;
  max_mpt: number;
  awaiting_marks: number;
  warnings: FormalWarning[];
}

/**
 * What a candidate has in a test, by its rule for several attempts. `waiting` of them have ended and wait for
 * marks, also for those of a regrade: until these are made nothing counts, since any of them may be the one that does.
 * `counting_attempt_id` is nil then, where none is complete, and where the average counts. `score_mpt` is nil where
 * nothing counts yet. An average is rounded down to a thousandth of a point; its grade is that of the exact one.
 */
export interface CandidateResult {
  user_id: string;
  name: string;
  attempts: AttemptResult[];
  waiting: number;
  counting_attempt_id: string | null;
  score_mpt: number | null;
  max_mpt: number | null;
  grade: string | null;
}

/** A grade, from so many thousandths of the points on. */
export interface GradeBoundary {
  label: string;
  from_permille: number;
}

/**
 * The results of a test, a candidate a line, in the order of their ids; `next` continues the list. `counts`,
 * `release`, `shows`, `grades` and `leaderboard` are the newest rules of the test: which of several attempts counts,
 * when candidates see their results, and how much of them. `released_at_ms`: when staff released the results; nil:
 * they have not. `regrade_id`: the regrade that is under way; nil: none is.
 */
export interface TestResults {
  test_id: string;
  counts: "average" | "best" | "first" | "latest";
  release: "at_once" | "by_staff" | "window_closed";
  shows: "feedback" | "questions" | "reference" | "score";
  grades: GradeBoundary[];
  released_at_ms: number | null;
  regrade_id: string | null;
  candidates: CandidateResult[];
  next: string | null;
  leaderboard?: "off" | "score" | "score_and_time";
}

/** Every result that an attempt has had, the oldest first. */
export interface ResultVersions {
  attempt_id: string;
  versions: Result[];
}

/** Show the results of the test to its candidates, or (`released` false) no longer. */
export interface ReleaseBody {
  released?: boolean;
  reason?: string;
}

/** Since when the results are released; nil: they are not. They are shown only where the test says `by_staff`. */
export interface ReleaseReply {
  test_id: string;
  released_at_ms: number | null;
}

/**
 * Mark the ended attempts of a test again with the keys of one of its versions. With `dry_run` nothing is changed:
 * the reply says what it would come to, and who would change, a page at a time from the attempt after `after` on. The
 * same `regrade_id` again is the same regrade; nil: the server makes one. Whoever began before, and hands in later, is
 * marked by these keys too.
 *
 * `seen` is what a dry run has said: where the regrade would come to something else by now for the attempts that had
 * ended then, it is refused. While a regrade of the test goes on, one by the same keys is that one, and one by others
 * is refused.
 */
export interface RegradeBody {
  regrade_id?: string | null;
  key_version: number;
  reason: string;
  dry_run?: boolean;
  after?: string | null;
  seen?: string | null;
}

/**
 * The score of one attempt before and after, and its grade by the test's newest boundaries; that is nil where marks
 * are missing, or no boundary is reached.
 */
export interface MarkChange {
  attempt_id: string;
  user_id: string;
  before_mpt: number;
  after_mpt: number;
  before_max_mpt: number;
  after_max_mpt: number;
  before_grade: string | null;
  after_grade: string | null;
}

/**
 * What a regrade would come to, over all `attempts` that have marks: in how many the score or what can be reached
 * changes, how many gain points and lose points, all together and at most, and in how many the grade changes.
 */
export interface RegradeTotals {
  attempts: number;
  changed: number;
  gain: number;
  lose: number;
  gained_mpt: number;
  lost_mpt: number;
  most_gained_mpt: number;
  most_lost_mpt: number;
  grades_changed: number;
}

/**
 * Of a dry run: the totals, a page of the attempts that change, which `next` continues, and `seen`, which stands
 * for all of it. Of a regrade: its id, under which its progress can be read.
 */
export interface RegradeReply {
  regrade_id: string | null;
  seen: string | null;
  totals: RegradeTotals | null;
  changes: MarkChange[];
  next: string | null;
}

/**
 * How far a regrade has come: `done` attempts have it in their logs, `refused` could not take it (the attempt was
 * reopened, cancelled or erased meanwhile).
 */
export interface RegradeProgress {
  regrade_id: string;
  test_id: string;
  key_version: number;
  reason: string;
  by: string;
  status: "done" | "running";
  done: number;
  refused: number;
  created_at_ms: number;
  ended_at_ms: number | null;
}

/**
 * Whether the candidate stands on the leaderboard, and under which pseudonym; nil: under her number alone. Staff
 * take somebody off it, and put nobody there.
 */
export interface StandBody {
  stands: boolean;
  pseudonym?: string | null;
}

/** How she stands there now; `number` is nil where she does not. */
export interface StandReply {
  stands: boolean;
  pseudonym: string | null;
  number: number | null;
}

/**
 * One candidate on the board, under a pseudonym or (nil) her number. Those with equal scores, and equal times where
 * the test asks for these, share a rank. `yours`: it is the one who asks. `user_id` and `attempt_id` are for staff.
 */
export interface Ranked {
  rank: number;
  number: number;
  pseudonym: string | null;
  score_mpt: number;
  max_mpt: number;
  time_ms: number | null;
  yours: boolean;
  user_id: string | null;
  attempt_id: string | null;
}

/**
 * The leaderboard of a test, the best first: of those who chose to stand on it and have a result that counts, as of
 * some seconds ago. `by` says whether times count. `own` is how the candidate stands there who asks, and `place` what
 * she has, also where that is behind the last line shown.
 */
export interface LeaderboardReply {
  test_id: string;
  by: "off" | "score" | "score_and_time";
  total: number;
  lines: Ranked[];
  own: StandReply | null;
  place: Ranked | null;
}

/**
 * A figure that is nil, and why.
 *
 * `too_few`: fewer than two attempts had it. `no_variance`: everybody has the same. `one_question`: fewer than two
 * questions are worth points. `papers_differ`: not all attempts had the same questions worth the same points; ask for
 * one form or one version. `no_key`: nothing says what is right, so that answers are only counted.
 */
export interface Undefined {
  figure: string;
  reason: "no_key" | "no_variance" | "one_question" | "papers_differ" | "too_few";
}

/**
 * One option of the interaction `response_id` of a question: how many chose it; as shares, of all who had the
 * question and of its upper and lower groups; and the correlation between choosing it and the rest of the score. A
 * wrong option should be chosen by some, and by the lower group more often.
 */
export interface OptionFigures {
  response_id: string;
  option_id: string;
  correct: boolean;
  chosen: number;
  chosen_ppm: number;
  upper_ppm: number | null;
  lower_ppm: number | null;
  point_biserial_ppm: number | null;
}

/**
 * One answer that was typed to the interaction `response_id`, as most have written it, and how many gave it. Texts
 * that are marked alike and equal numbers are one answer. What fewer than 5 gave is left out, since it may tell who
 * did, and of the others all but the 10 that were given most.
 */
export interface TypedFigures {
  response_id: string;
  text: string;
  given: number;
}

/**
 * One question over the `attempts` whose papers had it; `blank` of them left it without an answer, which counts as
 * what its `unanswered_mpt` says. `scored`: it counts in the score. One that does not is in no total, and is marked as
 * if it did, or, without points, as if each of its interactions were worth one. `standard_error_ppm` is that of its
 * correlations and of those of its options; nil: fewer than two attempts had it. `text` is what its body says, without
 * markup; `type` is that of its interaction, "several" where it has more than one. `protocol/statistics.py` says what
 * each figure is.
 */
export interface QuestionFigures {
  question_id: string;
  type: string;
  text: string;
  scored: boolean;
  attempts: number;
  blank: number;
  difficulty_ppm: number | null;
  point_biserial_ppm: number | null;
  corrected_point_biserial_ppm: number | null;
  standard_error_ppm: number | null;
  upper_lower_ppm: number | null;
  options: OptionFigures[];
  typed: TypedFigures[];
  undefined: Undefined[];
}

/**
 * Attempts that are in no figure, and why: `open` are not over, `unmarked` wait for marks, `abandoned`, `cancelled`
 * and `absent` are what they say, `later` are further attempts of candidates whose first one counts, and of `erased`
 * ones nothing is left.
 */
export interface NotCounted {
  open: number;
  unmarked: number;
  abandoned: number;
  cancelled: number;
  absent: number;
  later: number;
  erased: number;
}

/**
 * The item statistics of a test, or of one form or version of it, over the first complete attempt of each
 * candidate. `mean_mpt`, `sd_mpt` (with n - 1), the reliability `alpha_ppm` and the standard error of measurement
 * `sem_mpt` are of the score. `skills` are those that the newest version names: what all of these attempts together
 * earned, beside a goal of `goal_permille` of their points.
 */
export interface TestStatistics {
  test_id: string;
  form_id: string | null;
  test_version: number | null;
  attempts: number;
  left_out: NotCounted;
  mean_mpt: number | null;
  sd_mpt: number | null;
  lowest_mpt: number | null;
  highest_mpt: number | null;
  alpha_ppm: number | null;
  sem_mpt: number | null;
  undefined: Undefined[];
  questions: QuestionFigures[];
  goal_permille: number;
  skills: Skill[];
}

/**
 * What one candidate did with one question: for how long she was there, in how many visits, how often her answer
 * was saved, and how often another one took its place. `rapid`: she answered it within three seconds.
 */
export interface QuestionCourse {
  question_id: string;
  time_ms: number;
  visits: number;
  saves: number;
  changes: number;
  first_ms: number | null;
  last_ms: number | null;
  answered: boolean;
  rapid: boolean;
}

/** One attempt of a candidate at a test, with all its marks. */
export interface Try {
  attempt_id: string;
  attempt_number: number;
  started_ms: number;
  share_ppm: number;
}

/**
 * What several attempts of one candidate at a test come to, in shares of the points. `per_attempt_ppm` is the slope
 * of the straight line through them by their order, `per_day_ppm` by their instants; `gain_ppm` is what the last one
 * has gained of what the first one lacked. Nil: there are too few, or they all began at the same instant, or nothing
 * was lacking.
 */
export interface Learning {
  tries: Try[];
  per_attempt_ppm: number | null;
  per_day_ppm: number | null;
  gain_ppm: number | null;
}

/**
 * One attempt among all that have begun at the test, so many `attempts`, as they stood at `at_ms`; see
 * `CandidateCourse`.
 */
export interface AmongOthers {
  at_ms: number;
  attempts: number;
  rapid: number;
  effort_ppm: number | null;
  pace_ppm: number | null;
  left_ms: number | null;
  stuck: string[];
}

/**
 * The course of one attempt up to record `seq` of its log, as of `until_ms`: its end, or now. Her clock has run for
 * `ran_ms`: the questions' times, and `unplaced_ms` that nobody knows a question for. For `idle_ms` of it, in so many
 * `idle_spans`, she was connected and did nothing. Her connection was lost so many times (`losses`); `away_ms` of her
 * clock ran meanwhile. `per_hour_milli` is how many thousandths of an answer she gave in an hour of her clock.
 * `among`: how she stands among the others, at the newest look at all of them; nil: there was none yet.
 */
export interface AttemptAnalytics {
  attempt_id: string;
  test_id: string;
  user_id: string;
  attempt_number: number;
  status: string;
  seq: number;
  started_ms: number | null;
  until_ms: number;
  ended: boolean;
  ran_ms: number;
  unplaced_ms: number;
  idle_ms: number;
  idle_spans: number;
  losses: number;
  away_ms: number;
  operations: number;
  answered: number;
  per_hour_milli: number | null;
  rapid: number;
  questions: QuestionCourse[];
  learning: Learning;
  among: AmongOthers | null;
}

/**
 * How candidates took one question. `stuck` have been there for longer than its upper fence, from eight on who are
 * done with it. `attempts` had it, `seen` of them went there or answered, `answered` have an
 * answer. The times are of those who are done with it. `rapid` answered faster than `rapid_under_ms`. `share_ppm` is
 * the mean share of its points, nil where nobody has marks. `struggling`: among the slowest quarter of the questions,
 * and among the hardest.
 */
export interface QuestionTimes {
  question_id: string;
  type: string;
  text: string;
  attempts: number;
  seen: number;
  answered: number;
  mean_ms: number | null;
  lower_ms: number | null;
  median_ms: number | null;
  upper_ms: number | null;
  visits: number;
  changes: number;
  rapid: number;
  rapid_under_ms: number | null;
  share_ppm: number | null;
  struggling: boolean;
  stuck: number;
}

/**
 * One attempt among the others. `pace_ppm` is her time over what it takes on average, for the questions that she
 * has answered: more than a million is slower. `effort_ppm` is the share of her answers that were no rapid
 * guesses. `left_ms`: for how long her clock will run on by her pace, nil where she has ended or nothing can be said.
 * `stuck` are the questions at which she has been for longer than their upper fences. Without marks for all of it her
 * points are nil.
 */
export interface CandidateCourse {
  attempt_id: string;
  user_id: string;
  name: string;
  attempt_number: number;
  status: string;
  started_ms: number;
  ended_ms: number | null;
  ran_ms: number;
  questions: number;
  answered: number;
  changes: number;
  idle_ms: number;
  losses: number;
  away_ms: number;
  rapid: number;
  effort_ppm: number | null;
  pace_ppm: number | null;
  left_ms: number | null;
  score_mpt: number | null;
  max_mpt: number | null;
  idle_spans: number;
  stuck: string[];
}

/**
 * The room at one instant: who sat, who of them had no connection, how many questions had been answered, and how
 * many attempts had ended.
 */
export interface RoomPoint {
  at_ms: number;
  sitting: number;
  away: number;
  answers: number;
  ended: number;
}

/** How many attempts reached a share of the points from here to the next bin; the last one has its end too. */
export interface ScoreBin {
  from_permille: number;
  attempts: number;
}

/**
 * Attempts that are in no figure, and why: `not_begun` may still begin, `cancelled`, `absent` and `erased` are what
 * they say, the logs of `newer` ones can't be read here (a newer version of the server has written to them, or they
 * are damaged), and those of `archived` ones went into an archive before what is asked for here was worked out.
 */
export interface NotSat {
  not_begun: number;
  cancelled: number;
  absent: number;
  erased: number;
  newer: number;
  archived?: number;
}

/**
 * How a test was sat, or one form or version of it, as of `at_ms`, over all attempts that have begun, of which
 * `open` are not over. The quartiles are those of how long the clocks of the others ran.
 */
export interface TestAnalytics {
  test_id: string;
  form_id: string | null;
  test_version: number | null;
  at_ms: number;
  attempts: number;
  open: number;
  left_out: NotSat;
  lower_ms: number | null;
  median_ms: number | null;
  upper_ms: number | null;
  losses: number;
  away_ms: number;
  scores: ScoreBin[];
  room: RoomPoint[];
  questions: QuestionTimes[];
  candidates: CandidateCourse[];
}

/**
 * An answer that waits. `candidate` is her name, and `user_id` her id; where the test is marked blind, `candidate`
 * is an alias, `user_id` nil, and `attempt_id` a handle: it is good for all calls of those who only mark, and for
 * nobody else.
 *
 * `stage`: it waits for the first mark, for the second one, or for a decision between two that differ by too much.
 * `returned`: it was marked, and after that the candidate changed it, in a reopened attempt, or staff changed what it
 * is worth. `claimed`: somebody has it in hand, and it is `yours` where that is the caller.
 */
export interface QueuedAnswer {
  attempt_id: string;
  question_id: string;
  candidate: string;
  user_id: string | null;
  stage: "decision" | "first" | "second";
  returned: boolean;
  claimed: boolean;
  yours: boolean;
}

/** How many answers to a question wait. */
export interface QuestionWaiting {
  question_id: string;
  waiting: number;
}

/**
 * What waits for a person's mark, question by question or candidate by candidate; `next` continues the list.
 * `answers` are those that were asked for: to one question, of one attempt or candidate, or all. `waiting` and
 * `questions` count all that wait. `blind`: the caller sees aliases, and finds answers by attempt alone.
 */
export interface MarkingQueue {
  test_id: string;
  by: "candidate" | "question";
  blind: boolean;
  waiting: number;
  questions: QuestionWaiting[];
  answers: QueuedAnswer[];
  next: string | null;
}

/**
 * Give me the next answer to mark: to this question, of this attempt or candidate, behind `after` (what a list
 * calls `next`). The caller's own again: she keeps it for longer.
 */
export interface ClaimBody {
  by?: "candidate" | "question";
  question_id?: string | null;
  attempt_id?: string | null;
  user_id?: string | null;
  after?: string | null;
}

/** One of the marks between which somebody decides. */
export interface GivenMark {
  score_mpt: number;
  remark: string;
  criteria: CriterionMark[];
}

/**
 * An answer in the caller's hands until `claimed_until_ms`, with what she needs to mark it: `body` is what the
 * question says, as restricted HTML, `passage` what is to be read beside it, `media` are the files that both name, and
 * `parts` the answers to its interactions. `given` has the marks that are there already only where she decides between
 * them. A mark lies between `min_mpt` and `max_mpt`; by a `rubric` that is not empty it
 * is the sum of one level for each criterion. `outdated_mpt` is what a person gave for the answer before it was
 * changed. `place` is what `after` takes.
 */
export interface AnswerToMark {
  answer: QueuedAnswer;
  body: string;
  passage: PaperPassage | null;
  media: PaperMedium[];
  parts: AnswerPart[];
  min_mpt: number;
  max_mpt: number;
  given: GivenMark[];
  outdated_mpt: number | null;
  rubric: Criterion[];
  claimed_until_ms: number;
  place: string;
}

/** The answer; nil: there is none for the caller. `waiting` counts all that wait, also those in other hands. */
export interface ClaimReply {
  task: AnswerToMark | null;
  waiting: number;
}

/** Let go of an answer. */
export interface UnclaimBody {
  attempt_id: string;
  question_id: string;
}

/** `released` is false where it was not in the caller's hands. */
export interface UnclaimReply {
  released: boolean;
}

/**
 * How letters are written: from which address (empty: the operator's) under which name, where answers go (empty:
 * there), and in which language; nil: that of the test, else English.
 */
export interface MailBody {
  sender?: string;
  sender_name?: string;
  reply_to?: string;
  language?: "ar" | "de" | "en" | "es" | "fr" | "tr" | null;
}

/**
 * Who is to be told of events: a `webhook`, whose `target` is its URL, a `stream` of Redis, whose `target` is the
 * end of its name, or people by `mail`, whose `target` is an address of staff, or `candidates`: each is told of what
 * is about her. `topics` are topics of events, or `attempt.*`, `audit.*` and `*`; for mail docs/mail.md has them.
 */
export interface SubscribeBody {
  kind: "mail" | "stream" | "webhook";
  target: string;
  topics: string[];
  description?: string;
  mail?: MailBody | null;
}

/** What a subscription is from now on; of what happens while it is not `enabled`, it is not told. */
export interface SubscriptionBody {
  target: string;
  topics: string[];
  description?: string;
  enabled?: boolean;
  mail?: MailBody | null;
}

/**
 * A subscription, without its secret. `why_off`: `gone`, where the receiver has answered 410; `stopped`, where the
 * reader of its letters wants no more. `mail` is nil for what is no mail.
 */
export interface SubscriptionReply {
  subscription_id: string;
  kind: "mail" | "stream" | "webhook";
  target: string;
  topics: string[];
  description: string;
  enabled: boolean;
  why_off: string | null;
  created_at_ms: number;
  changed_at_ms: number;
  changed_by: string;
  mail?: MailBody | null;
}

/** A new subscription, and the secret that signs its webhooks (nil for a stream). It is shown this once. */
export interface SubscriptionMade {
  subscription: SubscriptionReply;
  secret: string | null;
}

/**
 * Subscriptions of the organisation, the oldest first unless another order is asked for; `next` continues the
 * list.
 */
export interface SubscriptionList {
  subscriptions: SubscriptionReply[];
  next?: string | null;
}

/** For how long what is sent is signed with the old secret too. */
export interface SecretBody {
  overlap_ms?: number;
}

/** The new secret, shown this once, and until when the old one signs too. */
export interface SecretReply {
  secret: string;
  old_ends_at_ms: number;
}

/** An event, as webhooks and streams have it too. `timestamp` is when it happened (RFC 3339). */
export interface EventReply {
  id: string;
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/**
 * Events in the order in which they can be read. `next` is the cursor behind them, also where there are none; with
 * `more` the next page has some at once.
 */
export interface EventPage {
  events: EventReply[];
  next: string;
  more: boolean;
}

/**
 * An event on its way to one subscription. `due_at_ms`: when it is tried, if it waits;
 * `given_up_at_ms`: until when. `status` is the receiver's last answer, `error` what was wrong with the last try.
 */
export interface DeliveryReply {
  subscription_id: string;
  event_id: string;
  topic: string;
  happened_at_ms: number;
  state: "dead" | "delivered" | "waiting";
  tries: number;
  due_at_ms: number | null;
  given_up_at_ms: number;
  tried_at_ms: number | null;
  status: number | null;
  error: string | null;
}

/** Deliveries, the newest events first; `next` continues the list. */
export interface DeliveryList {
  deliveries: DeliveryReply[];
  next: string | null;
}

/** A delivery, and the event that is sent. */
export interface DeliveryDetail {
  delivery: DeliveryReply;
  event: EventReply;
}

/** Which events that were given up are tried again; nil: the oldest 10,000. */
export interface ReplayBody {
  event_ids?: string[] | null;
}

/** How many deliveries are tried again. */
export interface Replayed {
  replayed: number;
}

export type PaperInteraction =
  | PaperSingleChoice
  | PaperInlineChoice
  | PaperMultipleChoice
  | PaperTrueFalse
  | PaperHottext
  | PaperOrder
  | PaperMatch
  | PaperGapMatch
  | PaperAssociate
  | PaperNumeric
  | PaperSlider
  | PaperShortText
  | PaperEssay
  | PaperHotspot
  | PaperPoint
  | PaperGraphicOrder
  | PaperGraphicGapMatch
  | PaperGraphicAssociate
  | PaperUpload;
