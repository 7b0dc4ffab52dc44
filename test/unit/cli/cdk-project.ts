import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadPlan } from "../../../bundle/index.ts";
import { root } from "../tidy/sources.ts";
import { clicksJob } from "./clicks.ts";

/** A call of the program that stands for the CDK's command line. */
export interface CdkCall {
  readonly argv: readonly string[];
  readonly region?: string;
}

/** A project with an app, a job, and a `cdk` that notes how it is called. */
export interface CdkProject {
  readonly folder: string;
  /** Names of calls, such as "synth" and "deploy". */
  readonly commands: () => readonly string[];
  readonly calls: () => readonly CdkCall[];
  readonly writeJob: (text: string) => void;
  readonly remove: () => void;
}

/** What the construct leaves in an assembly, without the seconds that loading the CDK takes, and the job, where nobody has changed it. */
const appText = `
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeSynthesizedPlan } from ${JSON.stringify(join(root, "cdk/synthesized-plan.ts"))};

const folder = process.env["CDK_OUTDIR"];
const plan = existsSync("plan.json")
  ? JSON.parse(readFileSync("plan.json", "utf8"))
  : (await import(${JSON.stringify(join(root, "bundle/index.ts"))})).loadPlan("job.ts");
for (const stack of (process.env["STACKS"] ?? "Clicks").split(","))
  writeSynthesizedPlan({ folder, id: stack }, {
    format: 1, stack, stackIds: [stack], connectionOutput: "PipelineConnection5D6C298F",
    entry: "job.ts", allowNonRestoredState: false, plan,
  });
const reserved = Number(process.env["RESERVED"] ?? 0);
const Process = { Type: "AWS::Lambda::Function", Properties: { ReservedConcurrentExecutions: reserved } };
const Resources = {
  ...(reserved > 0 ? { Process } : {}),
  Table: { Type: "AWS::DynamoDB::Table", DeletionPolicy: "Retain" },
  Role: { Type: "AWS::IAM::Role" },
};
writeFileSync(join(folder, "Clicks.template.json"), JSON.stringify({ Resources }));
`;

/** Synthesizes by running the app, alone in its folder as the CDK's is, and beside CDK_AT_ONCE others; "deploys" by ending with CDK_EXIT, or by waiting for a signal. */
const cdkText = `#!${process.execPath}
const { appendFileSync, mkdirSync, readFileSync, existsSync, rmSync, writeFileSync } = process.getBuiltinModule("node:fs");
const { spawnSync } = process.getBuiltinModule("node:child_process");
const [command, ...rest] = process.argv.slice(2);
const argv = process.argv.slice(2);
appendFileSync("calls.jsonl", JSON.stringify({ argv, region: process.env.AWS_REGION }) + "\\n");
const valueOf = (option) => rest[rest.indexOf(option) + 1];
if (command === "synth") {
  const folder = valueOf("--output");
  mkdirSync(folder, { recursive: true });
  const lock = folder + "/synth.lock";
  if (existsSync(lock)) {
    console.error("Another CLI is currently synthing to " + folder);
    process.exit(1);
  }
  writeFileSync(lock, "");
  const started = () => readFileSync("calls.jsonl", "utf8").split('["synth"').length - 1;
  while (started() < Number(process.env.CDK_AT_ONCE ?? 1))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  const env = { ...process.env, CDK_OUTDIR: folder };
  const { status } = spawnSync(valueOf("--app"), { shell: true, stdio: "inherit", env });
  rmSync(lock);
  process.exit(status);
}
if (process.env.CDK_WAITS === undefined) process.exit(Number(process.env.CDK_EXIT ?? 0));
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    appendFileSync("calls.jsonl", JSON.stringify({ argv: [signal] }) + "\\n");
    setImmediate(() => process.exit(9));
  });
setInterval(() => {}, 1000);
console.log("waiting");
`;

let planText: string | undefined;

export function cdkProject(): CdkProject {
  const cdkIn = "node_modules/.bin/cdk";
  const folder = mkdtempSync(join(tmpdir(), "millrace-cdk-"));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  write("app.ts", appText);
  write("package.json", '{ "type": "module" }');
  write("job.ts", clicksJob);
  planText ??= JSON.stringify(loadPlan(join(folder, "job.ts")));
  write("plan.json", planText);
  mkdirSync(join(folder, dirname(cdkIn)), { recursive: true });
  write(cdkIn, cdkText);
  chmodSync(join(folder, cdkIn), 0o755);
  const file = join(folder, "calls.jsonl");
  const calls = (): readonly CdkCall[] =>
    existsSync(file)
      ? readFileSync(file, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as CdkCall)
      : [];
  return {
    folder,
    calls,
    commands: () => calls().map(({ argv }) => argv[0] ?? ""),
    writeJob(text) {
      write("job.ts", text);
      rmSync(join(folder, "plan.json"), { force: true });
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
