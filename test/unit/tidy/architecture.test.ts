import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sinkTypes } from "../../../runtime/connectors/sinks.ts";
import { sourceTypes } from "../../../runtime/connectors/sources.ts";
import { productFiles, root } from "./sources.ts";

const text = readFileSync(join(root, "docs/architecture.md"), "utf8");

/** Paths are from the root, or from `runtime/`. */
const isThere = (path: string): boolean =>
  ["", "runtime/"].some((folder) => existsSync(join(root, folder, path)));

test("files and folders that docs/architecture.md names are there", () => {
  const named = [...text.matchAll(/`([\w.-]+\/[\w./-]*)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(60);
  expect(named.filter((path) => !isThere(path))).toEqual([]);
});

/** The second cell of a row whose first one is given. */
function rowOf(heading: string, first: string): string {
  const section = text.slice(text.indexOf(`## ${heading}`));
  return /\| (.+) \|$/m.exec(
    section.slice(section.indexOf(`\n| ${first} |`) + first.length + 4),
  )![1]!;
}

/** Files that test for a type of connector or name it, but for adapters and emulators of its service. */
function filesThatKnow(types: readonly string[]): readonly string[] {
  const known = new RegExp(`(===|type:) "(${types.join("|")})"`);
  return productFiles
    .filter(({ code }) => known.test(code))
    .map(({ path }) => path)
    .filter((path) => !/^(runtime\/aws|localstack)\//.test(path));
}

test.each([
  ["sink", sinkTypes],
  ["source", sourceTypes],
] as const)("a type of %s is known by its module, and by the registry", (what, types) => {
  const files = filesThatKnow(types);
  const isModule = (path: string): boolean =>
    new RegExp(String.raw`^runtime\/connectors\/\w+-${what}\.ts$`).test(path);
  expect(files.filter(isModule).length).toBe(types.length);
  const isOther = (path: string): boolean =>
    /^runtime\/connectors\/\w+-(sink|source)\.ts$/.test(path);
  expect(files.filter((path) => !isOther(path))).toEqual([]);
  expect(rowOf("What a new one touches", what)).toContain(`runtime/connectors/${what}s.ts`);
});

test("words of the glossary stand in order, each in the file that it names", () => {
  const section = text.slice(text.indexOf("## Glossary"), text.indexOf("## Tests"));
  const rows = [...section.matchAll(/^\| ([a-z ]+) \| .+ \| `(.+)` \|$/gm)];
  const words = rows.map(([, word = ""]) => word);
  expect(words.length).toBeGreaterThan(20);
  expect(words).toEqual(words.toSorted());
  const strangers = rows.filter(([, word = "", path = ""]) => {
    const file = productFiles.find((candidate) => candidate.path === path);
    const parts = word.split(" ").map((part) => part.replace(/e$/, ""));
    return !parts.every((part) => file?.text.toLowerCase().includes(part));
  });
  expect(strangers.map(([, word, path]) => `${word}: ${path}`)).toEqual([]);
});
