/** The calls of the home page of staff. */

import type { DeliveryList, DeliveryReply, Replayed, RetentionBody, RetentionPreview, RetentionReply, RoomList, ServerState, SubscriptionList, TestList } from "../generated/rest";
import type { Rest } from "./rest";

const PAGE = "25";

export class HomeRest {
  constructor(private readonly rest: Rest) {}

  /** A page of the tests that have these words in title or id. */
  tests(search: string, after: string | null): Promise<TestList> {
    const query = new URLSearchParams({ limit: PAGE, ...(search === "" ? {} : { search }), ...(after === null ? {} : { after }) });
    return this.rest.request("GET", `/tests?${query.toString()}`, "TestList");
  }

  rooms({ from_ms, until_ms }: { from_ms: number; until_ms: number }, after: string | null): Promise<RoomList> {
    const query = new URLSearchParams({ from_ms: String(from_ms), until_ms: String(until_ms), ...(after === null ? {} : { after }) });
    return this.rest.request("GET", `/rooms?${query.toString()}`, "RoomList");
  }

  server(): Promise<ServerState> {
    return this.rest.request("GET", "/server", "ServerState");
  }

  subscriptions(): Promise<SubscriptionList> {
    return this.rest.request("GET", "/subscriptions", "SubscriptionList");
  }

  deliveries(state: DeliveryReply["state"], subscription_id: string, after: string | null): Promise<DeliveryList> {
    const query = new URLSearchParams({ limit: PAGE, state, ...(subscription_id === "" ? {} : { subscription_id }), ...(after === null ? {} : { after }) });
    return this.rest.request("GET", `/deliveries?${query.toString()}`, "DeliveryList");
  }

  retention(): Promise<RetentionReply> {
    return this.rest.request("GET", "/retention", "RetentionReply");
  }

  /** What would go at once by these days; those that are not said are as they are in force. */
  wouldGo(days: RetentionBody): Promise<RetentionPreview> {
    const said = Object.entries(days).filter(([, value]) => value !== null && value !== undefined);
    const query = new URLSearchParams(said.map(([name, value]) => [name, String(value)]));
    return this.rest.request("GET", `/retention/preview?${query.toString()}`, "RetentionPreview");
  }

  keep(days: RetentionBody, seen: string): Promise<RetentionReply> {
    return this.rest.request("PUT", "/retention", "RetentionReply", days, seen);
  }

  /** Tries again what was given up: these events, or all. */
  replay(subscription_id: string, event_ids: string[] | null): Promise<Replayed> {
    return this.rest.request("POST", `/subscriptions/${encodeURIComponent(subscription_id)}/replay`, "Replayed", { event_ids });
  }
}
