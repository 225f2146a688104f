// Generated from protocol/rich/words.py by `python -m clients.generate`. Do not edit.

/** Between words. As what stands between brackets in a regular expression. */
export const WHITE_SPACE = "\\u0009\\u000a\\u000b\\u000c\\u000d\\u0020\\u0085\\u00a0\\u1680\\u2000\\u2001\\u2002\\u2003\\u2004\\u2005\\u2006\\u2007\\u2008\\u2009\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** Each a word of its own. As what stands between brackets in a regular expression. */
export const IDEOGRAPHS = "\\u2e80-\\u2fd5\\u3005\\u3007\\u3021-\\u3029\\u3038-\\u303b\\u3041-\\u3096\\u309d-\\u309f\\u30a1-\\u30fa\\u30fd-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufad9\\uff66-\\uff6f\\uff71-\\uff9d\\u{1b000}-\\u{1b122}\\u{20000}-\\u{3134a}";
