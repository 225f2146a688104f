// Generated from protocol/integrity/signals.py by `python -m clients.generate`. Do not edit.

export const SIGNALS = [
  "focus_lost",
  "page_hidden",
  "full_screen_left",
  "no_full_screen",
  "copied",
  "cut",
  "pasted",
  "context_menu",
  "printed",
  "window_small",
  "second_screen",
  "keystrokes",
  "camera_ended",
  "screen_ended",
  "address_changed",
  "device_changed",
  "text_jumped",
  "rapid_answer",
  "camera_withdrawn",
  "screen_withdrawn",
] as const;

export type Signal = (typeof SIGNALS)[number];

/** What a page notices itself. */
export const PAGE_SIGNALS = [
  "focus_lost",
  "page_hidden",
  "full_screen_left",
  "no_full_screen",
  "copied",
  "cut",
  "pasted",
  "context_menu",
  "printed",
  "window_small",
  "second_screen",
  "keystrokes",
  "camera_ended",
  "screen_ended",
] as const satisfies readonly Signal[];

export type PageSignal = (typeof PAGE_SIGNALS)[number];
