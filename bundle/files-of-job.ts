import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inputsOf } from "./bundle-inputs.ts";
import { bundleJob } from "./bundle-job.ts";

/** The files that a job is made of, without those of packages, as absolute paths. @throws what {@link bundleJob} throws */
export function filesOfJob(entry: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "millrace-inputs-"));
  try {
    const { metafile } = bundleJob({ entry, kind: "plan", outfile: join(folder, "plan.mjs") });
    return [...inputsOf(metafile).keys()].filter((file) => !isOfPackage(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const isOfPackage = (file: string): boolean => /[/\\]node_modules[/\\]/.test(file);
