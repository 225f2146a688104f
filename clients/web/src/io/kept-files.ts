/** Keeps files of the page that the browser's copy of it (`worker/sit-worker.ts`) does not have, so that it comes up with them without a network. */

/** Keeps these files under this name and no others; each address changes with what is in the file. */
export async function keepFiles(name: string, addresses: readonly string[]): Promise<void> {
  // Without `https` there is no such storage.
  if (!("caches" in globalThis)) return;
  try {
    const cache = await caches.open(name);
    const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
    await Promise.all(kept.filter((address) => !addresses.includes(address)).map((address) => cache.delete(address)));
    for (const address of addresses.filter((one) => !kept.includes(one))) await cache.add(address);
  } catch (error) {
    console.warn(`this browser keeps no ${name}`, error);
  }
}
