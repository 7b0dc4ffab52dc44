import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Metafile } from "esbuild";

const here = resolve(import.meta.dirname, "../site/playground");

/**
 * Bundles the playground for browsers: `element.js`, the custom element, its style `element.css`, and `worker.js`, the engine, which it starts from beside
 * itself.
 */
export async function bundlePlayground(outdir: string): Promise<Metafile> {
  mkdirSync(outdir, { recursive: true });
  const { metafile } = await build({
    entryPoints: ["element.ts", "element.css", "worker.ts"].map((file) => join(here, file)),
    outdir,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    metafile: true,
    alias: { "node:crypto": join(here, "node-crypto.ts") },
    inject: [join(here, "node-buffer.ts")],
    logLevel: "warning",
  });
  return metafile;
}
