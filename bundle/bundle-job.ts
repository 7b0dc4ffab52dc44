import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { buildSync, type BuildOptions, type Metafile, type OutputFile } from "esbuild";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import { compileError } from "./compile-error.ts";
import { entrySource, type BundleKind } from "./entry-source.ts";
import { packageAliases, packageFolder } from "./package-folder.ts";

export interface BundleJobOptions {
  /** File whose default export is the job; relative to the working folder, or absolute. */
  readonly entry: string;
  readonly kind: BundleKind;
  /** File to write; its folder is made. End it in `.mjs`: it is an ES module. */
  readonly outfile: string;
  /** Smaller, and without names or source map. Default: false. */
  readonly minify?: boolean;
  /** Name of the job. Default: the one that it gives itself. */
  readonly name?: string;
}

export interface JobBundle {
  readonly file: string;
  readonly bytes: number;
  /** What the bundle is made of, in esbuild's form. */
  readonly metafile: Metafile;
}

/** Packages in CommonJS call `require`, which an ES module doesn't have. */
const requireBanner =
  'import { createRequire as millraceCreateRequire } from "node:module";\n' +
  "const require = millraceCreateRequire(import.meta.url);";

/**
 * Bundles a job and all that it imports into one ES module for Node 24. Synchronous, because CDK constructs are.
 * Whether the file exports a job is seen when the bundle is loaded (`job-not-exported`).
 * @throws deployment errors `entry-missing` and `entry-not-compiled`, the latter with file, line and column.
 */
export function bundleJob(options: BundleJobOptions): JobBundle {
  const { entry, kind, outfile, minify = false, name } = options;
  const file = resolve(outfile);
  const { output, metafile } = build({
    ...commonOptions,
    stdin: {
      // What is deployed must hash alike in every folder.
      contents: entrySource({
        kind,
        entry: entryPath(entry),
        shownAs: minify ? basename(entry) : shown(entry),
        ...(name === undefined ? {} : { name }),
      }),
      resolveDir: packageFolder,
      sourcefile: `millrace-${kind}.ts`,
      loader: "ts",
    },
    alias: packageAliases(),
    outfile: file,
    minify,
    sourcemap: minify ? false : "inline",
    // The entry stands in no file: tools that look for sources would miss it.
    sourcesContent: !minify,
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, output.contents);
  return { file, bytes: output.contents.byteLength, metafile };
}

const commonOptions = {
  bundle: true,
  write: false,
  metafile: true,
  format: "esm",
  platform: "node",
  target: "node24",
  // The ES modules of the AWS SDK, whose unused commands can be left out.
  mainFields: ["module", "main"],
  banner: { js: requireBanner },
  legalComments: "none",
  logLevel: "silent",
} as const satisfies BuildOptions;

function build(options: BuildOptions): {
  readonly output: OutputFile;
  readonly metafile: Metafile;
} {
  try {
    // Left to itself, esbuild stays in the folder in which it was loaded, which may be gone.
    const { outputFiles, metafile } = buildSync({ absWorkingDir: process.cwd(), ...options });
    return { output: outputFiles![0]!, metafile: metafile! };
  } catch (error) {
    throw compileError(error);
  }
}

function entryPath(entry: string): string {
  const path = resolve(entry);
  if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
  throw deploymentError("entry-missing", {
    message: `The job's entry ${shown(entry)} is not a file (looked for ${path}).`,
    next: "Give the path of the file that exports the job, relative to the working folder or absolute.",
  });
}

/** Relative where that is shorter to read. */
function shown(entry: string): string {
  const fromHere = relative(process.cwd(), resolve(entry));
  return fromHere.startsWith("..") ? resolve(entry) : fromHere;
}
