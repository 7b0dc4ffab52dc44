import { readFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
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

/** What git tracks, or would if it were added: nothing that is generated or ignored. */
const tracked = execFileSync("git", ["ls-files", "-z", "-co", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\0")
  .filter((path) => path.length > 0);

/** Files whose path matches, in the order of their paths. */
export function filesOf(pattern: RegExp): readonly SourceFile[] {
  const files: SourceFile[] = [];
  for (const path of tracked.filter((candidate) => pattern.test(candidate)).toSorted()) {
    const text = readIfThere(join(root, path));
    if (text === undefined) continue;
    const lines = text.split("\n").length - 1;
    files.push({ path, text, code: withoutComments(text), lines });
  }
  return files;
}

/** Everything that is shipped. */
export const productFiles = filesOf(/^(runtime|functions|bundle|dev|cdk|cli)\/.*\.ts$/);

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

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Deleted, but still in the index.
    return undefined;
  }
}
