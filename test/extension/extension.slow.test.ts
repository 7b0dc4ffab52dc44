import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "../unit/tidy/sources.ts";

/** What is added: a file each, and a place in the registry of its kind. */
const additions = [
  {
    file: "twice",
    spec: "twiceSpec",
    registry: "runtime/operators/registry.ts",
    before: "  union,\n",
  },
  {
    file: "letters",
    spec: "lettersSpec",
    registry: "runtime/connectors/sources.ts",
    before: "  kinesis: ",
  },
  {
    file: "counts",
    spec: "countsSpec",
    registry: "runtime/connectors/sinks.ts",
    before: "  kinesis: ",
  },
] as const;

const run = promisify(execFile);
const textOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, `fixtures/${name}.ts.txt`), "utf8");

/** A copy of the product, inside of the repository, so that it finds its packages. */
let copy: string;
beforeAll(() => {
  mkdirSync(join(root, ".millrace"), { recursive: true });
  copy = mkdtempSync(join(root, ".millrace/extended-"));
  for (const part of ["runtime", "functions", "input", "dev", "testing", "bundle", "package.json"])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  mkdirSync(join(copy, "extension"));
  for (const { file } of additions) writeFileSync(join(copy, `extension/${file}.ts`), textOf(file));
  writeFileSync(join(copy, "job.ts"), textOf("job"));
  writeFileSync(
    join(copy, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.json", include: ["job.ts"], exclude: [] }),
  );
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function register({ file, spec, registry, before }: (typeof additions)[number]): void {
  const path = join(copy, registry);
  const text = readFileSync(path, "utf8");
  expect(text.split(before)).toHaveLength(2);
  const from = registry.startsWith("runtime/") ? "../../" : "./";
  writeFileSync(
    path,
    `import { ${spec} } from "${from}extension/${file}.ts";\n${text.replace(before, `  ${file}: ${spec},\n${before}`)}`,
  );
}

async function compilerMessages(): Promise<string> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    return (await run(process.execPath, [tsc, "--noEmit", "--pretty", "false", "-p", copy])).stdout;
  } catch (thrown) {
    return (thrown as { readonly stdout: string }).stdout;
  }
}

test("an operator, a source and a sink of another kind are a file and a registration each, and the compiler asks for the operator's", async () => {
  const [operator, ...connectors] = additions;
  connectors.forEach(register);
  expect(await compilerMessages()).toMatch(/operators\/registry\.ts.*'twice' is missing/);
  register(operator);
  expect(await compilerMessages()).toBe("");
  const { stdout } = await run(process.execPath, [join(copy, "job.ts")]);
  const { tables, deadLetters } = JSON.parse(stdout) as {
    readonly tables: Readonly<Record<string, readonly Seen[]>>;
    readonly deadLetters: readonly unknown[];
  };
  expect(deadLetters).toEqual([]);
  const seen = Object.fromEntries(tables["seen"]!.map(({ letter, seen }) => [letter, seen]));
  expect(seen).toEqual({ a: 6, b: 2, n: 4 });
});

interface Seen {
  readonly letter: string;
  readonly seen: number;
}
