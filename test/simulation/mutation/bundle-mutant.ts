import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import { applyEdits, repository } from "./apply-edits.ts";
import type { Edit } from "./mutation.ts";

/** Bundles the simulator, with edits applied to its sources and the runtime's, into one file that a process can run. */
export async function bundleMutant(edits: readonly Edit[], outfile: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, "run-mutant.ts")],
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
