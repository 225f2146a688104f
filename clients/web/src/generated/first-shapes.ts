// Generated from protocol/messages and protocol/rest by `python -m clients.generate`. Do not edit.

/** The fields of what a server says before there is an attempt, each with its type as TypeScript writes it. */
export const FIRST_SHAPES = {
  Problem: { type: "string", title: "string", status: "number", detail: "string", code: "string", retry: "string" },
  AttemptMade: { attempt_id: "string", test_id: "string", attempt_number: "number", created: "boolean", token: "string | null", state: "AttemptState", offer: "Offer | null | undefined", candidate_name: "string | null | undefined", now_ms: "number | null | undefined" },
  AdmissionReply: { test_id: "string", user_id: "string", attempt_id: "string | null", may_start: "boolean", hindrances: "Hindrance[]", opens_at_ms: "number | null", closes_at_ms: "number | null", duration_ms: "number | null", ends_at_ms: "number | null", forms: "string[]", now_ms: "number" },
  OwnAttempts: { attempts: "OwnAttempt[]" },
  AttemptState: { status: "string", seq: "number", head: "string", started_at_ms: "number | null", clocks: "ClockState[]", section_id: "string | null", closed_sections: "string[]", closed_questions: "string[]", ended_at_ms: "number | null", ended_as: "string | null", reference: "string | null", said: "string | null", hand: "string | null | undefined", hand_in_from_ms: "number | null | undefined", leave_from_ms: "number | null | undefined", hand_in_until_ms: "number | null | undefined", may_stand_ms: "number | null | undefined", late: "LateState | null | undefined", paused_for: "string | null | undefined", signal_warnings: "SignalWarning[] | null | undefined", consents: "ConsentState[] | null | undefined" },
  Offer: { t: "\"offer\"", title: "string", instructions: "string", duration_ms: "number | null", warnings_ms: "number[]", pauses_on_disconnect: "boolean", question_total: "number", extra_time_ms: "number", parts: "Part[]", opens_at_ms: "number | null", closes_at_ms: "number | null", hindrances: "Hindrance[]", gaps: "string", order: "string", timing: "Timing | null | undefined", watching: "Watching | null | undefined", page: "PageSettings | null | undefined" },
  Hindrance: { code: "string", detail: "string", from_ms: "number | null" },
  OwnAttempt: { attempt_id: "string", attempt_number: "number", status: "string" },
  ClockState: { scope: "string", of: "string | null", deadline_ms: "number | null", closes_at_ms: "number | null", left_ms: "number | null", soft: "boolean | null | undefined", over_ms: "number | null | undefined" },
  LateState: { policy: "string", for_ms: "number", waiting: "number", counted: "number", rejected: "number" },
  SignalWarning: { signal: "string", times: "number", at_ms: "number" },
  ConsentState: { source: "string", says: "string", every_ms: "number", keep_days: "number" },
  Part: { title: "string", question_total: "number", limit_ms: "number | null", min_ms: "number | null | undefined" },
  Timing: { min_time_ms: "number | null", at_end: "string", hand_in_ms: "number", synchronised: "boolean", soft: "boolean" },
  Watching: { signals: "WatchedSignal[]", full_screen: "boolean", captures: "CaptureAsked[]" },
  PageSettings: { language: "string | null | undefined", theme: "string | null | undefined", size: "number | null | undefined", spaced: "boolean | null | undefined", still: "boolean | null | undefined", time_hidden: "boolean | null | undefined" },
  WatchedSignal: { signal: "string", warn_from: "number | null", alert_from: "number | null", pause_from: "number | null" },
  CaptureAsked: { source: "string", asks: "string", every_ms: "number", keep_days: "number", whole_screen: "boolean" },
} as const;
