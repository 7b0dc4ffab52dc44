import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeClicks } from "./clicks.ts";
import { root } from "../tidy/sources.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines } from "./command.ts";

let folder: string;
let expected: readonly string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  expected = writeClicks(folder, 2_000);
  // Two documents that are no JSON, and a click without a time.
  appendFileSync(join(folder, "clicks.jsonl"), '\n{"user":\nnonsense\n{"user":"u1"}\n');
  await run("dev", "job.ts", "--dir", "d", "--input", "clicks=clicks.jsonl");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => millraceHere(folder, args);
const text = async (...args: string[]): Promise<readonly string[]> => {
  const { exitCode, stdout, stderr } = await run(...args, "--dir", "d");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
};
const json = async (...args: string[]): Promise<readonly Record<string, unknown>[]> =>
  jsonLines((await text(...args, "--json")).join("\n"));

describe("millrace rows", () => {
  test("without a table says which there are, and how many rows each has", async () => {
    expect(await text("rows")).toEqual(["table   rows", `counts    ${expected.length}`]);
    expect(await json("rows")).toEqual([{ type: "table", table: "counts", rows: expected.length }]);
  });

  test("gives programs every row, as it is", async () => {
    const rows = await json("rows", "counts");
    const texts = rows.map(
      ({ user, startMs, n }) => `${user as string} ${startMs as number} ${n as number}`,
    );
    expect(texts.toSorted()).toEqual(expected);
  });

  test("of a folder are found by their own names, whatever a deployment calls its tables", async () => {
    const variables = { MILLRACE_TABLES: JSON.stringify({ counts: "prod-counts" }) };
    const { stdout } = await millraceHere(
      folder,
      ["rows", "counts", "--dir", "d", "--json"],
      variables,
    );
    expect(jsonLines(stdout)).toHaveLength(expected.length);
  });

  test("gives people a table of the first, in the order that they ask for, and says that there are more", async () => {
    const lines = await text(
      "rows",
      "counts",
      "--where",
      "user=u3",
      "--order-by",
      "startMs",
      "--descending",
      "--limit",
      "2",
    );
    expect(lines).toEqual([
      "user  startMs   n",
      "u3      30000  72",
      "u3      20000  71",
      "and 2 more: --limit <n> shows them",
    ]);
  });

  test("are there for any program that reads SQLite, as docs/sinks.md says", async () => {
    const [, query = ""] = /```sql\n([^`]*)```/.exec(
      readFileSync(join(root, "docs/sinks.md"), "utf8"),
    )!;
    const file = new DatabaseSync(join(folder, "d/millrace.db"), { readOnly: true });
    const sums = new Map<unknown, number>();
    for (const { user, n } of await json("rows", "counts"))
      sums.set(user, (sums.get(user) ?? 0) + Number(n));
    const read = file.prepare(query).all();
    file.close();
    expect(read.map(({ user, n }) => [user, n])).toEqual([...sums].toSorted());
    expect(read).toHaveLength(7);
  });

  test("says that nothing fits, and refuses what it can't take", async () => {
    expect(await text("rows", "counts", "--where", "user=nobody")).toEqual(["no rows"]);
    for (const args of [
      ["counts", "more"],
      ["counts", "--where", "user"],
      ["counts", "--limit", "0"],
    ]) {
      const { exitCode, stdout } = await run("rows", ...args, "--dir", "d");
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    }
  });
});

describe("a name that nothing has", () => {
  test.each([[["rows", "count"]], [["query", "count"]]])(
    "%j fails, and names what there is",
    async (args) => {
      const { exitCode, stdout, stderr } = await run(...args, "--dir", "d");
      expect(stderr).toBe(
        'millrace: There is no table or stream "count" in "d": tables counts; streams clicks.\n' +
          "  Give one of these names; a table is there once the job has written a row into it. (result-unknown)\n",
      );
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    },
  );

  test("is AWS's name where a deployment says nothing of its tables, and refused where it does", async () => {
    const variables = {
      MILLRACE_TABLE: "job",
      MILLRACE_BUCKET: "state",
      MILLRACE_TABLES: JSON.stringify({ counts: "prod-counts" }),
      MILLRACE_STREAMS: JSON.stringify({ clicks: "prod-clicks" }),
    };
    const { exitCode, stderr } = await millraceHere(folder, ["rows", "count"], variables);
    expect(stderr).toContain('"count" of the job: tables counts; streams clicks.');
    expect(exitCode).toBe(1);
  });
});

describe("millrace deadletters", () => {
  test("list counts them by operator and reason", async () => {
    const groups = await json("deadletters", "list");
    expect(groups.reduce((sum, { count }) => sum + (count as number), 0)).toBe(3);
    expect(groups).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: "deadLetters", kind: "undecodable", count: 1 }),
      ]),
    );
    expect((await text("deadletters", "list"))[0]).toMatch(/^letters +operator +kind +reason$/);
  });

  test("show says of each where it came from, why it was refused, and what it holds", async () => {
    const lines = await text("deadletters", "show", "--limit", "3");
    expect(lines).toEqual(
      expect.arrayContaining([expect.stringMatching(/^ {2}payload: nonsense$/)]),
    );
    expect((await text("deadletters", "show", "--limit", "1")).at(-1)).toBe(
      "and 2 more: --limit <n> shows them",
    );
    expect(await json("deadletters", "show")).toHaveLength(3);
  });
});

test("millrace list shows the jobs of a folder and how they are", async () => {
  expect(await text("list")).toEqual(["job     generation  state", "clicks           1  finished"]);
});
