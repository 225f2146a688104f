/** What the page says of files that are handed in, loaded with them. */

const KINDS: Readonly<Record<string, string>> = {
  picture: "a picture",
  pdf: "a PDF",
  text: "a plain text",
  document: "a document (Word, Excel, PowerPoint, OpenDocument)",
  audio: "a sound",
  video: "a film",
};

const listed = (kinds: readonly string[]): string => kinds.map((kind) => KINDS[kind] ?? kind).join(", or ");

export const F = {
  hint: (kinds: readonly string[], most: string) => `Hand in one file: ${listed(kinds)}, of ${most} at most.`,
  choose: "The file",
  sending: "The file is being sent…",
  sent: (what: string) => `Handed in: ${what}. Choose another file to replace it.`,
  known: (type: string, size: string) => `${type.replace(/^.*[/.]/, "").toUpperCase()}, ${size}`,
  unknown: "a file",
  large: (size: string, most: string) => `This file has ${size}; ${most} are the most. It was not sent.`,
  away: "The server can't be reached. The file is not handed in yet.",
  again: "Send it again",
  record: "Record an answer",
  recordAgain: "Record it anew",
  recording: "Recording…",
  stop: (seconds: number) => `Stop (${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")})`,
  listen: "Listen to it",
  sendRecording: "Hand the recording in",
  notSent: "Recorded, and not handed in yet.",
  noMicrophone: "The microphone can't be used. Allow it in your browser, or choose a file.",
  nowhere: "Files can't be handed in here.",
};

/** "120 kB", "3.4 MB". */
export function sizeOf(bytes: number): string {
  return bytes < 1024 ** 2 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1024 ** 2).toFixed(1).replace(/\.0$/, "")} MB`;
}
