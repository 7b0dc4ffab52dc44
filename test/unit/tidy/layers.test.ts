import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importsOf, productFiles, root } from "./sources.ts";

/**
 * The folders from bottom to top: a file imports from its own folder and from folders in lower lines. Folders in one line may
 * import each other: windows are operators, and the compiler of operators knows them.
 */
const layers: readonly (readonly string[])[] = [
  ["runtime/errors"],
  ["runtime/layout"],
  ["runtime/ports"],
  ["runtime/graph"],
  ["runtime/serde"],
  ["runtime/plan"],
  ["runtime/state"],
  ["runtime/operators", "runtime/windows"],
  ["runtime/exchange"],
  ["runtime/connectors"],
  ["runtime/checkpoint"],
  ["runtime/job"],
  ["runtime/slot"],
  ["runtime/savepoints"],
  ["runtime/coordinator"],
  ["runtime/api"],
  ["runtime"],
  ["runtime/node"],
  ["runtime/embedded"],
  ["runtime/aws"],
  ["functions"],
  ["dev"],
  ["testing"],
  ["bundle"],
  ["cost"],
  ["cdk"],
  ["localstack"],
  ["cli"],
];

/** Neighbours that are above each other only on paper: neither may know the other. */
const strangers: readonly (readonly [string, string])[] = [
  ["runtime/aws", "runtime/embedded"],
  ["runtime/aws", "runtime/job"],
  ["runtime/aws", "runtime/slot"],
  ["runtime/embedded", "runtime/api"],
  ["cdk", "functions"],
  ["cdk", "localstack"],
];

const heightOf = new Map(layers.flatMap((names, height) => names.map((name) => [name, height])));

function folderOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "runtime" && !second.endsWith(".ts") ? `${first}/${second}` : first;
}

test("every folder of the product has its place in the layers", () => {
  const unknown = productFiles.filter(({ path }) => !heightOf.has(folderOf(path)));
  expect(unknown.map(({ path }) => path)).toEqual([]);
});

test("imports point downwards only", () => {
  const offenders: string[] = [];
  for (const file of productFiles) {
    const own = folderOf(file.path);
    for (const { path } of importsOf(file)) {
      if (path === undefined) continue;
      const other = folderOf(path);
      if (other === own) continue;
      const isBelow = (heightOf.get(other) ?? Infinity) <= (heightOf.get(own) ?? -1);
      const areStrangers = strangers.some((pair) => pair.includes(own) && pair.includes(other));
      if (!isBelow || areStrangers) offenders.push(`${file.path} imports ${path}`);
    }
  }
  expect(offenders).toEqual([]);
});

test("docs/architecture.md shows the layers in this order", () => {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  const shown = [...text.matchAll(/^\| \d+ \| (.+?) \|/gm)].map(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+?)\/?`/g)].map(([, name]) => name),
  );
  expect(shown).toEqual(layers.filter(([name]) => name !== "runtime"));
});
