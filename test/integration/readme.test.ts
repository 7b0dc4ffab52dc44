import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { millraceHere } from "../unit/cli/command-here.ts";
import { root } from "../unit/tidy/sources.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");

test("the README's job is the file that it names", () => {
  const [, file = "", code] = /^```ts file=(\S+)\n([\s\S]*?)^```$/m.exec(readme)!;
  expect(code).toBe(readFileSync(join(root, file), "utf8"));
});

test("the README shows what its job prints", async () => {
  const [, command = "", shown = ""] = /^```console\n\$ npx millrace (.+)\n([\s\S]*?)^```$/m.exec(
    readme,
  )!;
  const { exitCode, stdout, stderr } = await millraceHere(root, command.split(" "));
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  // Rows come as their windows close: those of several slots in any order.
  const printed = stdout.split("\n");
  const lines = shown.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(8);
  expect(lines.filter((line) => line !== "…" && !printed.includes(line))).toEqual([]);
});

test("what the README says that can be run is there", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const template = readFileSync(join(root, "templates/default/package.json"), "utf8");
  const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(2);
  expect(
    named.filter((name) => scripts[name] === undefined && !template.includes(`"${name}":`)),
  ).toEqual([]);
});
