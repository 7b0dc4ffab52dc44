import { globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleJob } from "../../../bundle/bundle-job.ts";
import { productFiles, root } from "./sources.ts";

/** Ratchets: they may fall. The length of functions is the linter's (`max-lines-per-function`). */
const medianLinesMax = 70;
const ninetiethLinesMax = 160;
/** Lambda loads the code at each cold start: a megabyte costs some 100 ms. The AWS SDK is most of it. */
const processBundleBytesMax = 1_100_000;
const apiBundleBytesMax = 900_000;

test("files are short", () => {
  const ascending = productFiles.toSorted((left, right) => left.lines - right.lines);
  const at = (share: number) => ascending[Math.floor((ascending.length - 1) * share)]!;
  expect(at(0.5).lines, `median: ${at(0.5).path}`).toBeLessThanOrEqual(medianLinesMax);
  expect(at(0.9).lines, `ninetieth percentile: ${at(0.9).path}`).toBeLessThanOrEqual(
    ninetiethLinesMax,
  );
});

const jobs = globSync("examples/*/job.ts", { cwd: root }).toSorted();

test("the examples have jobs", () => {
  expect(jobs).toEqual([
    "examples/embedded-service/job.ts",
    "examples/flight-delays/job.ts",
    "examples/live-dashboard/job.ts",
    "examples/orders-dashboard/job.ts",
  ]);
});

test.each(jobs)(
  "the process function of %s is small, and has nothing in it that only builds or deploys",
  (job) => {
    const entry = join(root, job);
    const folder = mkdtempSync(join(tmpdir(), "millrace-tidy-"));
    try {
      const outfile = join(folder, "process.mjs");
      const { bytes, metafile } = bundleJob({ entry, kind: "process", outfile, minify: true });
      expect(bytes).toBeLessThan(processBundleBytesMax);
      const foreign = Object.keys(metafile.inputs).filter((input) =>
        /(^|\/)(cdk|cli|bundle\/(?!job-of)|runtime\/patterns|test|node_modules\/(aws-cdk-lib|constructs|esbuild))\//.test(
          input,
        ),
      );
      expect(foreign).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test("the functions of the API have nothing in them that runs, builds or deploys a job, and nothing of the job", () => {
  const entry = join(root, jobs[0]!);
  const folder = mkdtempSync(join(tmpdir(), "millrace-tidy-"));
  try {
    const outfile = join(folder, "api.mjs");
    const { bytes, metafile } = bundleJob({ entry, kind: "api", outfile, minify: true });
    expect(bytes).toBeLessThan(apiBundleBytesMax);
    const foreign = Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.keys(inputs))
      .filter((input) =>
        /(^|\/)(cdk|cli|examples|runtime\/(coordinator|embedded|patterns|slot\/(commit|step))|test|node_modules\/(aws-cdk-lib|constructs|esbuild|preact))\//.test(
          input,
        ),
      );
    expect(foreign).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
