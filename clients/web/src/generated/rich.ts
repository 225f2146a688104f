// Generated from protocol/rich/grammar.py by `python -m clients.generate`. Do not edit.

/** From the outermost to the innermost. */
export const MARKS = ["strong", "em", "u", "s", "sub", "sup", "code"] as const;

/** Lists and quotations inside one another. */
export const MAX_NESTING = 8;

/** Of characters that no rich text has: what stands between brackets in a regular expression. */
export const FORBIDDEN = "\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\ufffe\\uffff";
