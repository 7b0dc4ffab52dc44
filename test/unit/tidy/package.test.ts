import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./sources.ts";

interface Manifest {
  readonly name: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

test("every dependency is pinned to one version", () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  const loose = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version));
  expect(loose).toEqual([]);
});

test("every subpath and every command of the package leads to a file", () => {
  const missing = Object.entries({ ...manifest.exports, ...manifest.bin }).filter(
    ([, file]) => !existsSync(join(root, file)),
  );
  expect(missing).toEqual([]);
});

test("every script that runs a file of the repository finds it", () => {
  const missing = Object.entries(manifest.scripts).filter(([, command]) => {
    const file = /^node (\S+\.ts)/.exec(command)?.[1];
    return file !== undefined && !existsSync(join(root, file));
  });
  expect(missing).toEqual([]);
});
