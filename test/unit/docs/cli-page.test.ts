import { join } from "node:path";
import { expect, test } from "vitest";
import { productFiles, root } from "../tidy/sources.ts";
import { cliPage } from "./cli-page.ts";
import { jsonTypes } from "./json-types.ts";

test("docs/cli.md says of each command what its definition says: npm run docs:cli writes it", async () => {
  await expect(cliPage()).toMatchFileSnapshot(join(root, "docs/cli.md"));
});

test("the page explains every type of a line that --json prints, and no other", () => {
  const printing = productFiles.filter(({ path }) =>
    /^cli\/[a-z-]+\.ts$|^runtime\/observe\/status-json\.ts$/.test(path),
  );
  const types = printing.flatMap(({ code }) =>
    [...code.matchAll(/(?:\btype: |\bline\()"([a-zA-Z]+)"/g)].map(([, type]) => type),
  );
  // A report has its kind as its type.
  const reports = productFiles.find(({ path }) => path === "dev/run-report.ts")?.code ?? "";
  const [, kinds = ""] = /readonly kind: (.+);/.exec(reports) ?? [];
  types.push(...[...kinds.matchAll(/"([a-z]+)"/g)].map(([, kind]) => kind));
  expect([...new Set(types)].toSorted()).toEqual(Object.keys(jsonTypes).toSorted());
});
