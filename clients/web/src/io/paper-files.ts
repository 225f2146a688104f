/**
 * The files of papers that this browser keeps: pictures and sounds are there again when the page is opened without a network.
 * Each attempt has a cache of its own, so that all of it can go at once when the attempt has ended.
 */

const PAPER = "pencilsdown paper ";

/** Without `https` there is no such storage; then the browser has what it has loaded anyway. */
function storage(): CacheStorage | null {
  return "caches" in globalThis ? caches : null;
}

/**
 * Fetches the files one after the other: the browser has them when a question shows them, also when the network is away by
 * then. What can't be fetched now is fetched when it is shown.
 */
export async function keepFiles(attempt_id: string, addresses: readonly string[], ended: AbortSignal): Promise<void> {
  const cache = addresses.length === 0 ? null : await storage()?.open(PAPER + attempt_id).catch(unusable);
  for (const address of addresses) {
    if (ended.aborted) break;
    try {
      if ((await cache?.match(address)) !== undefined) continue;
      const response = await fetch(address, { signal: ended });
      if (response.ok && cache) await cache.put(address, response).catch(unusable);
      else await response.blob();
    } catch {
      // The next one may be there.
    }
  }
}

export async function forgetFiles(attempt_id: string): Promise<void> {
  await storage()?.delete(PAPER + attempt_id).catch(unusable);
}

/** Takes away the files of all attempts but these: the browser may have lost what else it kept of them. */
export async function forgetFilesBut(attempt_ids: readonly string[]): Promise<void> {
  const names = (await storage()?.keys().catch(unusable)) ?? [];
  const foreign = names.filter((name) => name.startsWith(PAPER) && !attempt_ids.includes(name.slice(PAPER.length)));
  await Promise.all(foreign.map((name) => caches.delete(name).catch(unusable)));
}

function unusable(error: unknown): undefined {
  console.warn("this browser keeps no files", error);
  return undefined;
}
