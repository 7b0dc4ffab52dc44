import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { root } from "../unit/tidy/sources.ts";

/** An empty folder in which Millrace, and what its documents say is installed with it, can be used. */
export interface InstalledFolder {
  readonly folder: string;
  /** Of a shell there: npx finds this checkout's programs, in a tenth of its own time. */
  readonly env: NodeJS.ProcessEnv;
  readonly remove: () => void;
}

export function installedFolder(): InstalledFolder {
  const folder = mkdtempSync(join(tmpdir(), "millrace-installed-"));
  link(folder, "millrace", root);
  for (const name of ["zod", "vitest", "aws-cdk-lib", "constructs"])
    link(folder, name, join(root, "node_modules", name));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  program(folder, "npx", '"$(dirname "$0")/$1" "${@:2}"');
  program(folder, "millrace", `'${process.execPath}' '${root}/cli/millrace.ts' "$@"`);
  program(folder, "vitest", `'${process.execPath}' '${root}/node_modules/vitest/vitest.mjs' "$@"`);
  const inherited = Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV/.test(name));
  const PATH = [join(folder, ".bin"), dirname(process.execPath), process.env["PATH"]];
  return {
    folder,
    env: { ...Object.fromEntries(inherited), NO_COLOR: "1", PATH: PATH.join(delimiter) },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function link(folder: string, name: string, to: string): void {
  const place = join(folder, "node_modules", name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(to, place);
}

function program(folder: string, name: string, line: string): void {
  const file = join(folder, ".bin", name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/usr/bin/env bash\nexec ${line}\n`);
  chmodSync(file, 0o755);
}
