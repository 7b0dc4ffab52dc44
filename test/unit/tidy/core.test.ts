import { expect, test } from "vitest";
import { importsOf, placesOf, productFiles } from "./sources.ts";

/** Adapters touch the world; all else in the runtime is the core. */
const adapter = /^runtime\/(aws|embedded|event-source|node)\//;
const core = productFiles.filter(({ path }) => path.startsWith("runtime/") && !adapter.test(path));

/** Pure JavaScript that runs anywhere. */
const allowedPackages = ["msgpackr", "@noble/hashes", "@standard-schema/spec", "papaparse"];

test("the core imports neither Node nor AWS, and few packages", () => {
  const offenders = core.flatMap((file) =>
    importsOf(file)
      .filter(({ path }) => path === undefined)
      .filter(({ specifier }) => !allowedPackages.some((name) => isOf(specifier, name)))
      .map(({ specifier }) => `${file.path} imports ${specifier}`),
  );
  expect(offenders).toEqual([]);
});

test("the API imports neither Node nor AWS: it runs wherever requests are answered", () => {
  const api = productFiles.filter(({ path }) => path.startsWith("http/"));
  expect(api.length).toBeGreaterThan(20);
  const offenders = api.flatMap((file) => [
    ...importsOf(file)
      .filter(({ path }) => path === undefined)
      .filter(({ specifier }) => !["hono", "zod/mini"].some((name) => isOf(specifier, name)))
      .map(({ specifier }) => `${file.path} imports ${specifier}`),
    ...placesOf(file, /\bBuffer\.|\bprocess\.\w|\bsetTimeout\b|\bsetInterval\b|\bDate\.now\b/),
  ]);
  expect(offenders).toEqual([]);
});

test("the core uses no global of Node", () => {
  const global =
    /\bBuffer\.|\bprocess\.(env|argv|cwd|exit|hrtime|nextTick|memoryUsage)\b|\brequire\(/;
  expect(core.flatMap((file) => placesOf(file, global))).toEqual([]);
});

test("time and randomness come from ports", () => {
  const impure =
    /\bDate\.now\b|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b|\bnew Date\(\)|\bperformance\.now\b|\brandomUUID\b/;
  const injected = productFiles.filter(
    ({ path }) => /^(runtime|functions|dev)\//.test(path) && !adapter.test(path),
  );
  expect(injected.flatMap((file) => placesOf(file, impure))).toEqual([]);
});

function isOf(specifier: string, name: string): boolean {
  return specifier === name || specifier.startsWith(`${name}/`);
}
