/** What an attempt is carried on with, and what a page may have to say of it. */

export { CandidateSession } from "../io/candidate-session";
export { openSocket } from "../io/socket";
export { openStore } from "../io/store";
export { tabLock } from "../io/tab-lock";
export { tidy } from "../io/tidying";
export { default as Banners } from "./Banners.svelte";
export { default as Disconnected } from "./Disconnected.svelte";
export { default as PausedOverlay } from "./PausedOverlay.svelte";
