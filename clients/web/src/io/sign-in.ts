/**
 * Sign-in of staff at an identity provider. While its person is there, the tab keeps a secret that nobody else has: an
 * address with somebody's code in it signs nobody in whose tab has not begun that.
 */

import type { SmallStorage } from "./browser-storage";
import type { Rest } from "./rest";

/** Between leaving for the provider and coming back: the secret, and what the address named. */
const BEGUN = "pencilsdown sign-in";
/** This tab's token is that of a sign-in, and no link that others may have too. */
const SIGNED_IN = "pencilsdown signed in";

/** What the provider says in the address to which it sends the browser back. */
export interface CameBack {
  state: string;
  code: string;
  /** Why it let nobody in, by a name of OAuth; empty: it did. */
  error: string;
  issuer: string | null;
}

/** Null: the page was opened otherwise. */
export function cameBack(search: string): CameBack | null {
  const fields = new URLSearchParams(search);
  const state = fields.get("state") ?? "";
  const code = fields.get("code") ?? "";
  const error = /^[a-z_]{1,40}$/.exec(fields.get("error") ?? "")?.[0] ?? (fields.has("error") ? "error" : "");
  return state === "" || (code === "" && error === "") ? null : { state, code, error, issuer: fields.get("iss") };
}

/** This tab has not begun that sign-in, or has finished it. */
export class NotBegun extends Error {
  override readonly name = "NotBegun";
}

export class SignIn {
  constructor(
    private readonly rest: Rest,
    private readonly storage: SmallStorage & { keeps(): boolean },
    private readonly random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array = (bytes) => crypto.getRandomValues(bytes),
  ) {}

  /** Whether the tab can keep what it needs to come back. */
  get possible(): boolean {
    return this.storage.keeps();
  }

  get signed_in(): boolean {
    return this.storage.getItem(SIGNED_IN) !== null;
  }

  async offered(): Promise<boolean> {
    return (await this.rest.request("GET", "/sign-in", "SignInOffer")).offered;
  }

  /** Where the browser goes now. `fragment`: where it goes on when it comes back. */
  async begin(fragment: string): Promise<string> {
    const verifier = base64url(this.random(new Uint8Array(32)));
    const { address } = await this.rest.request("POST", "/sign-in", "SignInBegun", { verifier });
    this.storage.setItem(BEGUN, JSON.stringify([verifier, fragment]));
    return address;
  }

  /** The token of whoever has signed in, and where she goes on. Each sign-in is finished once. */
  async finish({ state, code, issuer }: CameBack): Promise<{ token: string; fragment: string }> {
    const { verifier, fragment } = this.take();
    const { token } = await this.rest.request("POST", "/sign-in/finish", "SignInReply", { state, code, verifier, issuer });
    this.storage.setItem(SIGNED_IN, "1");
    return { token, fragment };
  }

  /** The provider has let nobody in. Where to go on. */
  giveUp(): string {
    return this.take().fragment;
  }

  /** The tab has another token now: a link. */
  forget(): void {
    this.storage.removeItem(SIGNED_IN);
  }

  private take(): { verifier: string; fragment: string } {
    const begun = this.storage.getItem(BEGUN);
    this.storage.removeItem(BEGUN);
    if (begun === null) throw new NotBegun();
    const [verifier = "", fragment = ""] = JSON.parse(begun) as string[];
    return { verifier, fragment };
  }
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}
