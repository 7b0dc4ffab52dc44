import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../../..");

export interface SourceFile {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  /** The text without comments; what stands in strings stays. */
  readonly code: string;
  readonly lines: number;
}

const folders =
  "bench bundle cdk cli console cost dashboard dev docs examples functions http input localstack playground results runtime site/playground test testing".split(
    " ",
  );
const all = globSync(["*.md", ...folders.map((folder) => `${folder}/**/*.{ts,tsx,md}`)], {
  cwd: root,
});

/** Files whose path matches, in the order of their paths. */
export function filesOf(pattern: RegExp): readonly SourceFile[] {
  const files: SourceFile[] = [];
  for (const path of all.filter((candidate) => pattern.test(candidate)).toSorted()) {
    const text = readFileSync(join(root, path), "utf8");
    const lines = text.split("\n").length - 1;
    files.push({ path, text, code: withoutComments(text), lines });
  }
  return files;
}

/** Everything that is shipped. */
export const productFiles = filesOf(
  /^(runtime|functions|bundle|cost|dashboard|input|results|http|console|dev|testing|playground|cdk|localstack|cli|site\/playground)\/.*\.tsx?$/,
);

export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** The file that a relative one leads to, from the root. */
  readonly path?: string;
}

export function importsOf({ path, code }: SourceFile): readonly Import[] {
  const specifiers = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"\n]+)"/g);
  return Array.from(specifiers, ([, specifier = ""]) =>
    specifier.startsWith(".")
      ? { specifier, path: relative(root, join(root, dirname(path), specifier)) }
      : { specifier },
  );
}

/** Places of a pattern as `file:line`, for messages. */
export function placesOf(file: SourceFile, pattern: RegExp): readonly string[] {
  return file.code
    .split("\n")
    .flatMap((line, at) => (pattern.test(line) ? [`${file.path}:${at + 1} ${line.trim()}`] : []));
}

/** Good enough for this repository's code: comments begin a line, or follow a space. Lines keep their numbers. */
function withoutComments(text: string): string {
  return text
    .replaceAll(/(^|\s)\/\*[\s\S]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, " "))
    .replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}
