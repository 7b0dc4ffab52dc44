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
  expect([...new Set(types)].toSorted()).toEqual(Object.keys(jsonTypes).toSorted());
});
