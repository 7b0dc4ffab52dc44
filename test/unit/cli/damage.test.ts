import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openJobBundle } from "../../../dev/index.ts";
import { bundleJob } from "../../../bundle/index.ts";
import { takeSavepoint } from "../../../runtime/savepoints/index.ts";
import { writeClicks } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { type CommandEnd, jsonLines } from "./command.ts";
import { filesIn, storeSnapshot } from "./store-snapshot.ts";

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  writeClicks(folder, 10);
  const outfile = join(folder, "job.mjs");
  bundleJob({ entry: join(folder, "job.ts"), kind: "embedded", outfile });
  const opened = await openJobBundle({ bundleFile: outfile, dir: join(folder, "whole") });
  const run = await opened.run();
  const entries = Array.from({ length: 400 }, (_, index) => ({
    partitionKey: `p${index}`,
    data: new TextEncoder().encode(JSON.stringify({ user: `u${index}`, atMs: index * 20 })),
  }));
  await opened.ports.writer.put("clicks", entries);
  await takeSavepoint(opened.ports, { job: "clicks", id: "one", kind: "savepoint" });
  await takeSavepoint(opened.ports, { job: "clicks", id: "two", kind: "stop" });
  await run.done;
  opened.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const commands = {
  restore: ["restore", "two", "job.ts"],
  copy: ["savepoint", "copy", "two", "--to", "copied"],
  read: ["savepoint", "read", "two"],
} as const;

interface Damage {
  readonly what: string;
  /** Files of the store that are meant. */
  readonly files: RegExp;
  readonly change: (data: Buffer) => Buffer | undefined;
  readonly code: string;
}

const flipped = (data: Buffer): Buffer => {
  const at = Math.floor(data.length * 0.7);
  const copy = Buffer.from(data);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
};
const manifests = /manifests\/1\/0000000002\.json~$/;
const damages: readonly Damage[] = [
  {
    what: "a part is cut off",
    files: /\/parts\//,
    change: (data) => data.subarray(0, data.length / 2),
    code: "format-corrupt",
  },
  {
    what: "a bit of a part is flipped",
    files: /\/parts\//,
    change: flipped,
    code: "format-corrupt",
  },
  { what: "a part is missing", files: /\/parts\//, change: () => undefined, code: "part-missing" },
  {
    what: "a segment is cut off",
    files: /\/segments\//,
    change: (data) => data.subarray(0, data.length - 1),
    code: "format-corrupt",
  },
  {
    what: "a bit of a segment is flipped",
    files: /\/segments\//,
    change: flipped,
    code: "format-corrupt",
  },
  {
    what: "a segment is missing",
    files: /\/segments\//,
    change: () => undefined,
    code: "part-missing",
  },
  {
    what: "a segment is empty",
    files: /\/segments\//,
    change: () => Buffer.alloc(0),
    code: "format-corrupt",
  },
];
const manifestDamages: readonly Damage[] = [
  {
    what: "is of a newer format",
    files: manifests,
    change: (data) => Buffer.from(data.toString().replace('"format": 3', '"format": 4')),
    code: "format-unknown",
  },
  {
    what: "has a flipped bit in the name of a field",
    files: manifests,
    change: (data) => Buffer.from(data.toString().replace('"segments"', '"sefments"')),
    code: "format-corrupt",
  },
  {
    what: "is cut off",
    files: manifests,
    change: (data) => data.subarray(0, data.length / 2),
    code: "format-corrupt",
  },
];

/** A copy of the whole store with every file of a kind damaged; answers it and what it holds. */
function damaged({ files, change }: Damage, name: string) {
  const dir = join(folder, name.replaceAll(/\W+/g, "-"));
  cpSync(join(folder, "whole"), dir, { recursive: true });
  const meant = filesIn(join(dir, "objects")).filter((file) => files.test(file));
  expect(meant.length).toBeGreaterThan(0);
  for (const file of meant) {
    const data = change(readFileSync(file));
    if (data === undefined) rmSync(file);
    else writeFileSync(file, data);
  }
  return { dir, before: storeSnapshot(dir) };
}

async function refused(dir: string, args: readonly string[]): Promise<CommandEnd> {
  const end = await millraceHere(folder, [...args, "--dir", dir, "--json"]);
  expect(end.exitCode, end.stderr).toBe(1);
  expect(end.stderr).not.toContain("    at ");
  return end;
}

describe.each(["restore", "copy", "read"] as const)("millrace: %s", (name) => {
  test.each(damages)("says so where $what, and changes nothing", async (damage) => {
    const { dir, before } = damaged(damage, `${name} ${damage.what}`);
    const { stderr, stdout } = await refused(dir, commands[name]);
    expect(stderr).toContain(`(${damage.code})`);
    expect(stderr).toMatch(/Object "clicks\/1\//);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ type: "error", code: damage.code });
    expect(storeSnapshot(dir)).toEqual(before);
    expect(existsSync(join(folder, "copied"))).toBe(false);
  });
});

describe("a manifest", () => {
  test.each(manifestDamages)(
    "that $what is refused by its numbers and as latest",
    async (damage) => {
      const { dir, before } = damaged(damage, `manifest ${damage.what}`);
      for (const args of [
        ["restore", "latest", "job.ts"],
        ["restore", "1/2", "job.ts"],
        ["checkpoint", "describe", "1/2"],
        ["savepoint", "delete", "clicks/manifests/1/0000000002.json"],
      ]) {
        const { stderr } = await refused(dir, args);
        expect(stderr).toContain(`(${damage.code})`);
      }
      expect(storeSnapshot(dir)).toEqual(before);
    },
  );

  test("that can't be read does not hide the others", async () => {
    const { dir } = damaged(manifestDamages[0]!, "listed");
    const { exitCode, stdout } = await millraceHere(folder, [
      "checkpoint",
      "list",
      "--dir",
      dir,
      "--json",
    ]);
    expect(exitCode).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([
      { epoch: 1, status: "complete", savepoint: "one" },
      { epoch: 2, status: "unreadable", reason: expect.stringContaining("has format 4") as string },
    ]);
  });
});

describe("what is not there", () => {
  test.each([
    [["restore", "three", "job.ts"], "reference-unknown", /There are: one \(1\/1\), two \(1\/2\)/],
    [["restore", "1/7", "job.ts"], "reference-unknown", /one \(1\/1\)/],
    [["restore", "clicks/manifests/9/0000000001.json", "job.ts"], "reference-unknown", /one/],
    [["savepoint", "read", "../secrets"], "reference-unknown", /one \(1\/1\)/],
    [["checkpoint", "list", "--job", "clocks"], "job-unknown", /there are clicks/],
    [["savepoint", "delete", "two"], "savepoint-in-use", /was stopped with it/],
    [["savepoint", "take"], "job-not-running", /has stopped/],
    [["stop"], "job-not-running", /has stopped/],
    [["stop", "--no-savepoint"], "job-not-running", /has stopped/],
  ])("%j is refused with %s, and nothing is changed", async (args, code, message) => {
    const dir = join(folder, "whole");
    const before = storeSnapshot(dir);
    const { stderr } = await refused(dir, args);
    expect(stderr).toContain(`(${code})`);
    expect(stderr).toMatch(message);
    expect(storeSnapshot(dir)).toEqual(before);
  });

  test("a folder is not made", async () => {
    const dir = join(folder, "nowhere");
    for (const args of [["checkpoint", "list"], ["stop"], ["restore", "latest", "job.ts"]]) {
      const { stderr } = await refused(dir, args);
      expect(stderr).toMatch(/There is no folder.*store-missing/s);
    }
    expect(filesIn(dir)).toEqual([]);
  });
});
