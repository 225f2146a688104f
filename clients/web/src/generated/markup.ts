// Generated from protocol/markup.py by `python -m clients.generate`. Do not edit.

const WORDS: Readonly<Record<string, string>> = {
  a: "href id",
  abbr: "title",
  audio: "src title",
  b: "",
  bdi: "",
  bdo: "",
  blockquote: "",
  br: "",
  caption: "",
  cite: "",
  code: "",
  col: "span",
  colgroup: "span",
  dd: "",
  del: "",
  dfn: "",
  div: "",
  dl: "",
  dt: "",
  em: "",
  figcaption: "",
  figure: "",
  h1: "",
  h2: "",
  h3: "",
  h4: "",
  h5: "",
  h6: "",
  hr: "",
  i: "",
  img: "alt height src title width",
  ins: "",
  kbd: "",
  li: "id value",
  mark: "",
  math: "alttext dir display displaystyle",
  merror: "",
  mfrac: "linethickness",
  mi: "mathvariant",
  mmultiscripts: "",
  mn: "",
  mo: "fence form largeop lspace maxsize minsize movablelimits rspace separator stretchy symmetric",
  mover: "accent",
  mpadded: "depth height lspace voffset width",
  mphantom: "",
  mprescripts: "",
  mroot: "",
  mrow: "dir",
  ms: "",
  mspace: "depth height width",
  msqrt: "",
  mstyle: "dir displaystyle scriptlevel",
  msub: "",
  msubsup: "",
  msup: "",
  mtable: "displaystyle",
  mtd: "columnalign columnlines columnspan rowlines rowspan",
  mtext: "",
  mtr: "",
  munder: "accentunder",
  munderover: "accent accentunder",
  ol: "reversed start type",
  p: "",
  "pd-gap": "id",
  "pd-hot": "id",
  "pd-response": "id",
  pre: "",
  q: "",
  rp: "",
  rt: "",
  ruby: "",
  s: "",
  samp: "",
  section: "",
  semantics: "",
  small: "",
  span: "",
  strong: "",
  sub: "",
  sup: "",
  table: "",
  tbody: "",
  td: "align colspan headers rowspan",
  tfoot: "",
  th: "abbr align colspan headers id rowspan scope",
  thead: "",
  tr: "",
  u: "",
  ul: "",
  var: "",
  video: "height src title width",
  wbr: "",
};

/** The elements of a body, each with its attributes. */
export const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = Object.assign(
  Object.create(null) as object,
  Object.fromEntries(Object.entries(WORDS).map(([element, names]) => [element, names.split(" ")])),
);

/** Attributes of every element that is not mathematical. */
export const EVERYWHERE: ReadonlySet<string> = new Set("dir lang".split(" "));

/** Elements of MathML. */
export const MATH: ReadonlySet<string> = new Set("math merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover semantics".split(" "));

/** Elements that have no end. */
export const EMPTY: ReadonlySet<string> = new Set("br col hr img wbr".split(" "));

/** Where something stands that can be answered. */
export const PLACES: ReadonlySet<string> = new Set("pd-gap pd-hot pd-response".split(" "));

/** Elements inside one another. */
export const MAX_DEPTH = 48;

/** What each id in a body begins with. */
export const ID_PREFIX = "b-";
