import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { playDocument } from "../../scripts/play-document.ts";
import { root } from "../unit/tidy/sources.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-tutorial-"));
  link("millrace", root);
  for (const name of ["zod", "vitest", "aws-cdk-lib", "constructs"])
    link(name, join(root, "node_modules", name));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  // What an installation has: npx, in a tenth of its time.
  program("npx", '"$(dirname "$0")/$1" "${@:2}"');
  program("millrace", `'${process.execPath}' '${root}/cli/millrace.ts' "$@"`);
  program("vitest", `'${process.execPath}' '${root}/node_modules/vitest/vitest.mjs' "$@"`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function link(name: string, to: string): void {
  const place = join(folder, "node_modules", name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(to, place);
}

function program(name: string, line: string): void {
  const file = join(folder, ".bin", name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/usr/bin/env bash\nexec ${line}\n`);
  chmodSync(file, 0o755);
}

test("what the tutorial shows is what happens, block by block", () => {
  const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV/.test(name));
  const PATH = [join(folder, ".bin"), dirname(process.execPath), process.env["PATH"]];
  const env = { ...Object.fromEntries(inherited), NO_COLOR: "1", PATH: PATH.join(delimiter) };
  const tutorial = readFileSync(join(root, "docs/tutorial.md"), "utf8");
  expect(playDocument(tutorial, { folder, env })).toBeGreaterThan(15);
});
