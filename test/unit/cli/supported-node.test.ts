import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { unsupportedNode } from "../../../cli/supported-node.ts";
import { root } from "../tidy/sources.ts";

test("a Node that is too old gets one sentence that says which would do", () => {
  for (const version of ["18.20.4", "20.19.0", "22.15.0", "22.17.1"])
    expect(unsupportedNode(version)).toMatch(
      new RegExp(`^millrace: needs Node 22.18 or newer, and this is ${version}: .*npx -p node@24`),
    );
  for (const version of ["22.18.0", "22.23.3", "24.0.0", "26.10.0"])
    expect(unsupportedNode(version)).toBeUndefined();
});

test("what the command says of Node is what the package says", () => {
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly engines: { readonly node: string };
  };
  const [, oldest = ""] = /^>=([\d.]+)$/.exec(engines.node) ?? [];
  expect(unsupportedNode("1.0.0")).toContain(`needs Node ${oldest} or newer`);
});

test("whatever comes before the check of Node imports nothing", () => {
  const imports = (file: string) =>
    readFileSync(join(root, "cli", file), "utf8").match(/^import .*/gm) ?? [];
  expect(imports("millrace.ts")).toEqual([
    'import { unsupportedNode } from "./supported-node.ts";',
  ]);
  expect(imports("supported-node.ts")).toEqual([]);
});
