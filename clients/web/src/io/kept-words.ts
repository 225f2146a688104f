/** Keeps the files of the language that is spoken, so that the page comes up in it without a network. The browser's copy of the page has English. */

const WORDS = "pencilsdown words";

/** Keeps these files and no others; each address changes with what is in the file. */
export async function keepWords(addresses: readonly string[]): Promise<void> {
  // Without `https` there is no such storage.
  if (!("caches" in globalThis)) return;
  try {
    const cache = await caches.open(WORDS);
    const kept = (await cache.keys()).map(({ url }) => new URL(url).pathname);
    await Promise.all(kept.filter((address) => !addresses.includes(address)).map((address) => cache.delete(address)));
    for (const address of addresses.filter((one) => !kept.includes(one))) await cache.add(address);
  } catch (error) {
    console.warn("this browser keeps no words", error);
  }
}
