// The REST calls of a candidate and of staff.

export class Problem extends Error {
  constructor(status, body, retryAfterMs) {
    super(`${status} ${body.code}: ${body.detail}`);
    this.status = status;
    this.code = body.code;
    this.retry = body.retry;
    this.retryAfterMs = retryAfterMs;
  }
}

/** JSON of one call. Throws `Problem` for a refusal of the server, and any other error for a lost network. */
export async function call(url, token, method, path, body, timeoutMs = 15_000) {
  const response = await fetch(url + path, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await response.text();
  const reply = JSON.parse(text);
  if (response.ok) return reply;
  if (typeof reply.code !== "string") throw new Error(`no answer of the server: ${response.status}`);
  const seconds = Number(response.headers.get("Retry-After"));
  throw new Problem(response.status, reply, seconds > 0 ? seconds * 1000 : null);
}

/** The call that carries these operations (a run of answers, or one of another kind), as [path, body]. */
export function callFor(operations, connectionId) {
  const [{ n, kind, fields }] = operations;
  const from = { connection_id: connectionId };
  const numbered = { ...from, n, ...fields, client_at_ms: Date.now() };
  switch (kind) {
    case "start":
      return ["start", { ...from, client_at_ms: Date.now() }];
    case "answer":
      return ["answers", { ...from, answers: operations.map(numberedAnswer) }];
    case "progress":
      return ["progress", numbered];
    case "flag":
      return ["flags", numbered];
    case "receipt":
      return ["receipts", numbered];
    default:
      return ["complete", numbered];
  }
}

function numberedAnswer({ n, fields }) {
  return { n, ...fields, client_at_ms: Date.now() };
}
