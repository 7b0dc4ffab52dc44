import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { applyEdits, repository } from "./mutation/apply-edits.ts";
import type { Edit } from "./mutation/mutation.ts";

export interface BundleOptions {
  /** A file of this folder, or of one in it. */
  readonly entry: string;
  readonly outfile: string;
  /** Made in the sources, the runtime's among them, before they are bundled. Default: none. */
  readonly edits?: readonly Edit[];
}

/**
 * Bundles the simulator into one file that a process or a thread can run: nothing is looked up in other modules any more, which makes
 * runs faster by a tenth.
 */
export async function bundleSimulator({
  entry,
  outfile,
  edits = [],
}: BundleOptions): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, entry)],
    absWorkingDir: repository,
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node24",
    logLevel: "silent",
    // Packages in CommonJS ask for Node's own modules.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    plugins: [withEdits(applyEdits(edits))],
  });
}

function withEdits(changed: ReadonlyMap<string, string>): Plugin {
  return {
    name: "edits",
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = changed.get(path);
        return contents === undefined ? undefined : { contents, loader: "ts" };
      });
    },
  };
}
