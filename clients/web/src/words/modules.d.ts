/* What `words.ts` beside the build's configuration makes of the catalogues. */

declare module "words:page/*" {
  const words: import("../generated/words").PageWords;
  export default words;
}

declare module "words:later/*" {
  const words: import("../generated/words").LaterWords;
  export default words;
}

declare module "words:hall/*" {
  const words: import("../generated/words").HallWords;
  export default words;
}

declare module "words:home/*" {
  const words: import("../generated/words").HomeWords;
  export default words;
}

declare module "words:refused/*" {
  const words: import("../generated/words").RefusedWords;
  export default words;
}

declare module "words:looks/*" {
  const words: import("../generated/words").LooksWords;
  export default words;
}

declare module "words:monitor/*" {
  const words: import("../generated/words").MonitorWords;
  export default words;
}
