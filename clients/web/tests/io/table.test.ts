import { expect, it } from "vitest";
import { Rest, RestRefused, RestUnreachable } from "../../src/io/rest";

const CSV = { headers: { "Content-Type": "text/csv; charset=utf-8" } };

const table = (response: Response): Promise<string> => new Rest("secret", () => Promise.resolve(response)).table("/t.csv");

it("is a table where the server says that it is one", async () => {
  await expect(table(new Response("row,question\r\n", CSV))).resolves.toBe("row,question\r\n");
  await expect(table(new Response("<html>Welcome to our network</html>", { headers: { "Content-Type": "text/html" } }))).rejects.toThrow(RestUnreachable);
});

it("is refused by name", async () => {
  const problem = { type: "", title: "", status: 403, detail: "No.", code: "forbidden", retry: "never" };
  await expect(table(new Response(JSON.stringify(problem), { status: 403 }))).rejects.toThrow(RestRefused);
});
