/** Has the browser keep this page, so that it comes up again without a network (`worker/sit-worker.ts`). */

const WORKER = "/sit-worker.js";
const SCOPE = "/sit";

/** "absent": this browser, or an address without `https`, knows nothing of the kind. */
export type ShellState = "absent" | "kept" | "failed";

interface Policies {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

/** What a device needs to put the page among its applications: in the document from the beginning, browsers would fetch it before anything is shown. */
const INSTALLED_BY = { manifest: "/sit.webmanifest", "apple-touch-icon": "/sit-icon-192.png" };

export function letInstall(): void {
  for (const [rel, href] of Object.entries(INSTALLED_BY)) {
    if (document.head.querySelector(`link[rel="${rel}"]`) === null) document.head.append(Object.assign(document.createElement("link"), { rel, href }));
  }
}

/** Resolves when the page is kept, or can't be. */
export async function keepShell(): Promise<ShellState> {
  const { serviceWorker } = navigator as Partial<Navigator>;
  if (serviceWorker === undefined) return "absent";
  try {
    const registration = await serviceWorker.register(trusted(), { scope: SCOPE, updateViaCache: "none" });
    const coming = registration.installing ?? registration.waiting;
    if (registration.active !== null || coming === null) return "kept";
    return await new Promise((resolve) => {
      coming.addEventListener("statechange", () => {
        if (coming.state === "activated") resolve("kept");
        if (coming.state === "redundant") resolve("failed");
      });
    });
  } catch (error) {
    console.warn("this browser does not keep the page", error);
    return "failed";
  }
}

let address: string | null = null;

/** The page's policy lets no text become the address of a script, but for what this policy makes: this one address. */
function trusted(): string {
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  address ??= trustedTypes?.createPolicy("pencilsdown-worker", { createScriptURL: () => WORKER }).createScriptURL("") ?? WORKER;
  return address;
}
