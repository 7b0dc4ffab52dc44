import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../tidy/sources.ts";
import { cliPage } from "./cli-page.ts";

test("docs/cli.md says of each command what its definition says: npm run docs:cli writes it", async () => {
  await expect(cliPage()).toMatchFileSnapshot(join(root, "docs/cli.md"));
});
