import { execFile } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../../..");
const run = promisify(execFile);

const documents = ["README.md", ...globSync("docs/**/*.md", { cwd: root })];

interface Snippet {
  /** `<document>-<line>.ts`. */
  readonly file: string;
  readonly code: string;
}

/** The blocks marked `ts`. Each keeps its line numbers, so that messages of the compiler name the document's lines. */
function snippetsOf(document: string): readonly Snippet[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(/^```ts(?! file=\S*\.test| edit=)(?: [^\n]*)?\n([\s\S]*?)^```$/gm)].map(
    (match) => {
      const above = text.slice(0, match.index).split("\n").length;
      const name = document.replaceAll("/", "-").replace(/\.md$/, "");
      return { file: `${name}-${above + 1}.ts`, code: "\n".repeat(above) + match[1] };
    },
  );
}

test("every TypeScript block of the README and the documents type-checks", async () => {
  // Inside of the repository, so that the package finds itself by its name.
  mkdirSync(join(root, ".millrace"), { recursive: true });
  const folder = mkdtempSync(join(root, ".millrace/snippets-"));
  try {
    const snippets = documents.flatMap(snippetsOf);
    expect(snippets.length).toBeGreaterThan(3);
    for (const { file, code } of snippets) writeFileSync(join(folder, file), code);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.json", include: ["*.ts"], exclude: [] }),
    );
    expect(await compilerMessages(folder)).toBe("");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

async function compilerMessages(folder: string): Promise<string> {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  try {
    const { stdout } = await run(process.execPath, [
      tsc,
      "--noEmit",
      "--pretty",
      "false",
      "-p",
      folder,
    ]);
    return stdout;
  } catch (failure) {
    const { stdout = "", stderr = "" } = failure as { stdout?: string; stderr?: string };
    return stdout + stderr;
  }
}
