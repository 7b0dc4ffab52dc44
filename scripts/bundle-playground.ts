import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";

const here = resolve(import.meta.dirname, "../site/playground");

/** zod says what is wrong in fifty languages, an eighth of all: here it speaks English. */
const zodInEnglish: Plugin = {
  name: "zod-in-english",
  setup(context) {
    context.onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

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
    plugins: [zodInEnglish],
    logLevel: "warning",
  });
  return metafile;
}
