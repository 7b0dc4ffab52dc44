import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { bundleJob, loadPlan, type BundleKind } from "../../../bundle/index.ts";

/** Outside of the package: imports of "millrace" are not found there without help. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  for (const [name, value] of Object.entries(functionVariables)) vi.stubEnv(name, value);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** What the construct sets on the functions, whose handlers are made when their bundle is loaded. */
const functionVariables = {
  AWS_REGION: "us-east-1",
  MILLRACE_TABLE: "table",
  MILLRACE_BUCKET: "bucket",
  MILLRACE_EXCHANGE_STREAM: "exchange",
  MILLRACE_STREAMS: "{}",
  MILLRACE_TABLES: "{}",
  MILLRACE_PROCESS_FUNCTION: "process",
};

const jobText = `
  import { boundedOutOfOrderness, defineJob } from "millrace";
  import { dynamodbSink, kinesisSource } from "millrace/connectors";
  const schema = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
  console.log("a job may print while it is defined");
  export default defineJob("copies", (env) => {
    env
      .source(kinesisSource({ stream: "orders", schema, startFrom: "earliest" }), {
        uid: "orders",
        watermarks: boundedOutOfOrderness({ timestamp: (order) => order.ms, bound: { minutes: 1 } }),
      })
      .keyBy((order) => order.id)
      .sinkTo(dynamodbSink({ table: "copies", key: ["id"] }), { uid: "copies" });
  });
`;

describe("bundling a job", () => {
  test("gives a source map that holds its sources: the entry is in no file", () => {
    const outfile = join(folder, "out", "mapped.mjs");
    const { file } = bundleJob({ entry: write("job.ts", jobText), kind: "embedded", outfile });
    const [, base64 = ""] = /sourceMappingURL=data:.*;base64,(\S+)/.exec(
      readFileSync(file, "utf8"),
    )!;
    const { sources, sourcesContent } = JSON.parse(Buffer.from(base64, "base64").toString()) as {
      readonly sources: readonly string[];
      readonly sourcesContent?: readonly (string | null)[];
    };
    expect(sources.length).toBeGreaterThan(10);
    expect(sources.filter((_, at) => typeof sourcesContent?.[at] !== "string")).toEqual([]);
  });

  test.each<[BundleKind, string, readonly string[]]>([
    ["process", "handler", ["dynamodb", "kinesis", "s3"]],
    ["coordinator", "handler", ["dynamodb", "kinesis", "lambda", "s3"]],
    ["plan", "plan", []],
    ["embedded", "default", []],
  ])(
    "as %s gives a module that exports %s, and takes along no client of AWS that only commands need",
    async (kind, name, clients) => {
      const outfile = join(folder, "out", `${kind}.mjs`);
      const { file, bytes, metafile } = bundleJob({
        entry: write("job.ts", jobText),
        kind,
        outfile,
      });
      expect(bytes).toBe(readFileSync(file).byteLength);
      expect(Object.keys(await import(pathToFileURL(file).href))).toEqual([name]);
      const taken = Object.keys(metafile.inputs).flatMap(
        (input) => /@aws-sdk\/client-([a-z0-9-]+)\//.exec(input)?.[1] ?? [],
      );
      expect([...new Set(taken)].toSorted()).toEqual(clients);
    },
  );

  test("for deployment carries no name of a folder, so that its hash is the same everywhere", () => {
    const entry = write("job.ts", jobText);
    const outfile = join(folder, "minified.mjs");
    const { file } = bundleJob({ entry, kind: "process", outfile, minify: true });
    expect(readFileSync(file, "utf8").includes(folder)).toBe(false);
  });

  test("whose file isn't there says where it looked", () => {
    expect(() => bundleJob({ entry: "nowhere/job.ts", kind: "plan", outfile: "out.mjs" })).toThrow(
      expect.objectContaining({
        code: "entry-missing",
        message: expect.stringMatching(/looked for .*nowhere\/job\.ts/),
      }),
    );
  });

  test("that doesn't compile names file, line and column", () => {
    const entry = write("broken.ts", "const fine = 1;\nconst = 2;\n");
    expect(() => loadPlan(entry)).toThrow(
      expect.objectContaining({
        code: "entry-not-compiled",
        message: expect.stringMatching(/broken\.ts:2:7: /),
      }),
    );
  });

  test("that imports what isn't there names the import", () => {
    const entry = write("lost.ts", 'import "no-such-package";');
    expect(() => loadPlan(entry)).toThrow(/lost\.ts:1:8: .*no-such-package/);
  });
});

describe("loading a plan", () => {
  test("reads it from a file outside of the package, whatever the job prints", () => {
    expect(loadPlan(write("job.ts", jobText))).toMatchObject({
      format: 1,
      job: "copies",
      sources: [{ uid: "orders", stream: "orders", startFrom: "earliest" }],
      sinks: [{ uid: "copies", target: "copies", keyFields: ["id"] }],
    });
  });

  test.each([
    ["no default export", "job-not-exported", "export const job = 1;"],
    ["a default export that is no job", "job-not-exported", "export default 42;"],
    ["code that throws", "job-code-failed", 'throw new Error("no such luck");'],
    ["a call that ends the process", "job-not-loaded", "process.exit(3);"],
    ["a promise that is never settled", "job-not-loaded", "await new Promise(() => {});"],
  ])("of a file with %s fails with %s", (_what, code, text) => {
    expect(() => loadPlan(write(`${code}.ts`, text))).toThrow(expect.objectContaining({ code }));
  });

  test("names the line where a job's code throws", () => {
    const entry = write("throws.ts", '\nthrow new Error("no such luck");');
    expect(() => loadPlan(entry)).toThrow(/no such luck[^]*throws\.ts:2:7/);
  });

  test("gives a job up that is never done", () => {
    const entry = write("endless.ts", "for (;;);");
    expect(() => loadPlan(entry, { timeoutMs: 500 })).toThrow(
      expect.objectContaining({ code: "job-not-loaded" }),
    );
  });

  test("loads the same code once, and again when a file of it or an environment variable has changed", () => {
    const log = JSON.stringify(join(folder, "loaded.txt"));
    const logging = `import { appendFileSync } from "node:fs";\nappendFileSync(${log}, "x");\n`;
    write("noted.ts", logging);
    const entry = write("job.ts", `import "./noted.ts";\n${jobText}`);
    const timesLoaded = () => readFileSync(join(folder, "loaded.txt"), "utf8").length;
    const first = loadPlan(entry);
    expect(loadPlan(entry)).toEqual(first);
    expect(timesLoaded()).toBe(1);
    write("noted.ts", `${logging}// Changed.`);
    loadPlan(entry);
    expect(timesLoaded()).toBe(2);
    vi.stubEnv("MILLRACE_TEST_STAGE", "prod");
    loadPlan(entry);
    expect(timesLoaded()).toBe(3);
  });

  test("isn't kept waiting by what a job leaves open", () => {
    const entry = write("open.ts", `${jobText}\nsetInterval(() => {}, 1000);`);
    expect(loadPlan(entry, { timeoutMs: 20_000 }).job).toBe("copies");
  });
});

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
