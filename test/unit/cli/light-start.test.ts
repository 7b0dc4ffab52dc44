import { expect, test } from "vitest";
import { productFiles } from "../tidy/sources.ts";

/** What a file imports as it loads: neither types nor what is imported later. */
const loaded = /^(?:import|export)\s+(?!type\b)(?:[\w*{][^"';]*?\bfrom\s*)?"([^"\n]+)"/gm;

const codeOf = new Map(productFiles.map(({ path, code }) => [path, code]));

function reachedFrom(start: string): {
  readonly files: Set<string>;
  readonly packages: Set<string>;
} {
  const files = new Set<string>();
  const packages = new Set<string>();
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue;
    files.add(path);
    for (const [statement, specifier = ""] of codeOf.get(path)!.matchAll(loaded)) {
      // `import { type A }` alone leaves an import of nothing, which is loaded all the same.
      if (specifier.startsWith("."))
        waiting.push(new URL(specifier, `file:///${path}`).pathname.slice(1));
      else if (!specifier.startsWith("node:") && statement !== "") packages.add(specifier);
    }
  }
  return { files, packages };
}

test("all commands are known before any of them is loaded, and one library is enough for that", () => {
  const { files, packages } = reachedFrom("cli/run-command.ts");
  expect(files).toContain("cli/commands/savepoint.ts");
  expect([...packages]).toEqual(["@stricli/core"]);
  const implementations = [...files].filter((path) =>
    /-command\.ts$|^runtime\/(aws|embedded)\//.test(path),
  );
  expect(implementations.toSorted()).toEqual(["cli/find-command.ts", "cli/run-command.ts"]);
});
