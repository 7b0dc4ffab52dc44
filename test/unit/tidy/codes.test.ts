import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { productFiles, root } from "./sources.ts";

const text = readFileSync(join(root, "docs/codes.md"), "utf8");

/** `domain code`, by the document's sections and tables. */
const listed = text.split(/^## /m).flatMap((section) => {
  const domain = /^[a-z]+/.exec(section)?.[0];
  return [...section.matchAll(/^\| `([a-z-]+)`/gm)].map(([, code]) => `${domain} ${code}`);
});

/** Codes that stand where the error is made; those that come through a variable are not seen here. */
const thrown = productFiles.flatMap(({ path, code: source }) =>
  [...source.matchAll(/\b(job|input|state|store|deployment)Error\(\s*"([a-z-]+)"/g)].map(
    ([, domain, code]) => ({ path, code: `${domain} ${code}` }),
  ),
);

test("every error code is explained in docs/codes.md, under its domain", () => {
  expect(thrown.length).toBeGreaterThan(30);
  const missing = thrown.filter(({ code }) => !listed.includes(code));
  expect(missing.map(({ path, code }) => `${code} (${path})`)).toEqual([]);
});

test("every code that docs/codes.md explains exists", () => {
  const everything = productFiles.map(({ code }) => code).join("\n");
  const unknown = listed.filter((entry) => !everything.includes(`"${entry.split(" ")[1]}"`));
  expect(unknown).toEqual([]);
});
