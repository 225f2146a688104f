/** Under which name a tab keeps the token of staff: the home page and the monitor read the same one. */
export const TOKEN = "pencilsdown monitor";
