/** What the browser promises of what this page keeps: whether it stays when the disk is full, and whether the page itself does. */

/** Asks the browser not to clear by itself what is kept on this device. False: it has not promised. Some browsers ask the candidate. */
export async function askToKeep(): Promise<boolean> {
  const { storage } = navigator as Partial<Navigator>;
  try {
    return storage !== undefined && ((await storage.persisted()) || (await storage.persist()));
  } catch (error) {
    console.warn("this browser promises nothing", error);
    return false;
  }
}

/** Resolves when the page is kept, to true; at once to false where it can't be. Never, where keeping it fails. */
export async function isShellKept(): Promise<boolean> {
  const { serviceWorker } = navigator as Partial<Navigator>;
  if (serviceWorker === undefined) return false;
  try {
    return (await serviceWorker.ready).active !== null;
  } catch {
    return false;
  }
}
