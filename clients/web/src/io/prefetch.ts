/**
 * Fetches the files of a paper one after the other: the browser has them when a question shows them, also when the
 * network is away by then. What can't be fetched now is fetched when it is shown.
 */
export async function prefetch(addresses: readonly string[], ended: AbortSignal): Promise<void> {
  for (const address of addresses) {
    try {
      await (await fetch(address, { signal: ended })).blob();
    } catch {
      if (ended.aborted) return;
    }
  }
}
