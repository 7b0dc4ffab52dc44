import { copyFileSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync, type BuildOptions } from "esbuild";

const browser = join(import.meta.dirname, "browser");

/** What needs no bundler. */
export const plainFiles = ["console.html", "console.svg"].map((name) => join(browser, name));

/** How all is bundled that a browser runs. */
export const browserOptions = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2024",
  jsx: "automatic",
  jsxImportSource: "preact",
  // Licences stand beside the code that has them.
  legalComments: "inline",
  logLevel: "warning",
} satisfies BuildOptions;

const options = {
  ...browserOptions,
  entryPoints: [join(browser, "console.tsx"), join(browser, "console.css")],
} satisfies BuildOptions;

/** Script and style of the console, bundled in memory. */
export function bundledConsole(): readonly {
  readonly path: string;
  readonly contents: Uint8Array;
}[] {
  return buildSync({ ...options, outdir: "/", write: false }).outputFiles;
}

/** Bundles the console into a folder, as the package has it. */
export function bundleConsole(outdir: string): void {
  mkdirSync(outdir, { recursive: true });
  buildSync({ ...options, outdir });
  for (const file of plainFiles) copyFileSync(file, join(outdir, basename(file)));
}
