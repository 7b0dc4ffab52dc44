import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundleJob } from "../bundle/index.ts";
import { median } from "./median.ts";

export interface ColdStart {
  /** Loading and evaluating the bundle. */
  readonly loadMs: number;
  /** From before loading to the first commit. */
  readonly totalMs: number;
  /** Bytes of the deployed process bundle of the main example, minified. */
  readonly processBundleBytes: number;
}

const runs = 7;
const root = fileURLToPath(new URL("..", import.meta.url));

/** Medians of cold starts in fresh processes: the handler of the main example over durable embedded ports, one record. */
export async function benchColdStart(): Promise<ColdStart> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-cold-"));
  try {
    const bundle = join(folder, "handler.mjs");
    const banner =
      'import{createRequire}from"node:module";const require=createRequire(import.meta.url);';
    await build({
      entryPoints: [join(root, "bench/cold-start-entry.ts")],
      outfile: bundle,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "node",
      target: "node24",
      banner: { js: banner },
      logLevel: "silent",
    });
    const figures = Array.from({ length: runs }, (_, run) =>
      once(bundle, join(folder, `run-${run}`)),
    );
    const entry = join(root, "examples/flight-delays/job.ts");
    const { bytes } = bundleJob({
      entry,
      kind: "process",
      outfile: join(folder, "process.mjs"),
      minify: true,
    });
    return {
      loadMs: median(figures.map(({ loadMs }) => loadMs)),
      totalMs: median(figures.map(({ totalMs }) => totalMs)),
      processBundleBytes: bytes,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function once(bundle: string, dir: string): { readonly loadMs: number; readonly totalMs: number } {
  const child = join(root, "bench/cold-start-child.ts");
  const printed = execFileSync(process.execPath, [child, bundle, dir], { encoding: "utf8" });
  return JSON.parse(printed) as { readonly loadMs: number; readonly totalMs: number };
}
