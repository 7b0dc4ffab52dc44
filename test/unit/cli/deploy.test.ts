import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type CdkProject, cdkProject } from "./cdk-project.ts";
import { millraceHere } from "./command-here.ts";
import { type CommandEnd, millrace } from "./command.ts";
import { type StacksServer, stacksServer } from "./stacks-server.ts";
import { testAccount } from "./test-account.ts";

let project: CdkProject;
let stacks: StacksServer;
beforeAll(async () => void (stacks = await stacksServer()));
afterAll(() => stacks.close());
beforeEach(() => void (project = cdkProject()));
afterEach(() => project.remove());

const assemblyOfApp = /^\.millrace\/cdk\.out\/app-\w{6}$/;

const run = (args: readonly string[], variables: Record<string, string> = {}) =>
  millraceHere(project.folder, args, { ...testAccount(project, stacks), ...variables });
const runProcess = (args: readonly string[], variables: Record<string, string> = {}) =>
  millrace(project.folder, args, "", { ...testAccount(project, stacks), ...variables }).end;

function expectRefusal({ exitCode, stderr }: CommandEnd, code: string, message: RegExp): void {
  expect(stderr).toMatch(message);
  expect(stderr).toContain(`(${code})`);
  expect(stderr).not.toContain("    at ");
  expect(exitCode).toBe(1);
}

describe("millrace deploy", () => {
  test("lets the CDK synthesize, and deploys that very assembly", async () => {
    const { exitCode, stdout, stderr } = await runProcess(["deploy", "app.ts"]);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    const app = `${process.execPath} app.ts`;
    const assembly = expect.stringMatching(assemblyOfApp) as unknown as string;
    expect(project.calls()).toEqual([
      {
        argv: ["synth", "--app", app, "--output", assembly, "--quiet"],
        region: "eu-west-1",
      },
      {
        argv: ["deploy", "--app", assembly, "--outputs-file", ".millrace/outputs.json"],
        region: "eu-west-1",
      },
    ]);
    const [synth, deploy] = project.calls();
    expect(deploy?.argv[2]).toBe(synth?.argv[4]);
    const cdk = join(project.folder, "node_modules/.bin/cdk");
    expect(stdout).toContain(
      `$ ${cdk} deploy --app ${deploy?.argv[2]} --outputs-file .millrace/outputs.json\n`,
    );
    expect(stdout).toContain(
      "stack Clicks in eu-west-1 has no job clicks: it starts without state",
    );
    expect(stdout + stderr).not.toContain("very-secret");
  });

  test("hands stack, approval, context and what stands behind -- to the CDK", async () => {
    const own = ["--stack", "Clicks", "--outputs", "out/o.json", "--require-approval", "never"];
    const args = ["deploy", "app.ts", ...own, "--context", "stage=prod", "--", "--force"];
    expect((await run(args)).exitCode).toBe(0);
    const [synth, deploy] = project.calls();
    expect(synth?.argv.slice(0, 3)).toEqual(["synth", "Clicks", "--exclusively"]);
    expect(synth?.argv.slice(-2)).toEqual(["--context", "stage=prod"]);
    expect(deploy?.argv.slice(0, 3)).toEqual(["deploy", "Clicks", "--exclusively"]);
    expect(deploy?.argv.slice(5)).toEqual([
      "--outputs-file",
      "out/o.json",
      "--require-approval",
      "never",
      "--force",
    ]);
  });

  test("looks at each stack's job, or only at that of the one that is named", async () => {
    const both = await run(["deploy", "app.ts", "--", "--all"], { STACKS: "Test,Live" });
    expect(both.stdout).toMatch(/stack Live in .*stack Test in /s);
    const one = await run(["deploy", "app.ts", "--stack", "Live"], { STACKS: "Test,Live" });
    expect(one.stdout).toContain("stack Live in ");
    expect(one.stdout).not.toContain("stack Test in ");
  });

  test("leaves no assembly behind, whatever becomes of it", async () => {
    const left = () => readdirSync(join(project.folder, ".millrace/cdk.out"));
    await run(["deploy", "app.ts"], { CDK_EXIT: "3" });
    expect(left()).toEqual([]);
    await run(["destroy", "app.ts"]);
    expect(left()).toEqual([]);
    const app = readFileSync(join(project.folder, "app.ts"), "utf8");
    writeFileSync(join(project.folder, "app.ts"), `${app}process.exit(5);\n`);
    await run(["deploy", "app.ts"]);
    expect(left()).toEqual([]);
    expect(project.commands()).toEqual(["synth", "deploy", "synth", "destroy", "synth"]);
  });

  describe("of functions with reserved concurrency", () => {
    const limited = (limit: number, unreserved = limit): void => {
      stacks.limits = { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: unreserved };
    };
    afterEach(() => {
      limited(1_000);
      Object.assign(stacks, { reserved: 0, deployed: {} });
    });

    test.each([
      ["a new account, which can reserve nothing", 10, 10, 6, /can reserve 0 .* limit is 10,/s],
      [
        "an account whose limit is reserved by others",
        1_000,
        105,
        6,
        /can reserve 5 .* limit is 1000, 105 are unreserved/s,
      ],
    ])("is refused in %s", async (_, limit, unreserved, reserved, message) => {
      limited(limit, unreserved);
      const end = await run(["deploy", "app.ts"], { RESERVED: String(reserved) });
      expectRefusal(end, "concurrency-exceeded", message);
      expect(end.stderr).toContain("Leave reservedConcurrency out");
      expect(project.commands()).toEqual(["synth"]);
    });

    test("goes on where the account can reserve as much, or the stack has reserved it already", async () => {
      limited(1_000, 106);
      expect((await run(["deploy", "app.ts"], { RESERVED: "6" })).exitCode).toBe(0);
      limited(1_000, 100);
      Object.assign(stacks, { reserved: 6, deployed: { Clicks: {} } });
      expect((await run(["deploy", "app.ts"], { RESERVED: "6" })).exitCode).toBe(0);
    });

    test("asks for no limit where nothing is reserved", async () => {
      const unreachable = { AWS_ENDPOINT_URL_LAMBDA: "http://127.0.0.1:1", AWS_MAX_ATTEMPTS: "1" };
      expect((await run(["deploy", "app.ts"], unreachable)).exitCode).toBe(0);
    });
  });

  test("ends with the exit code of the CDK", async () => {
    const { exitCode, stdout } = await run(["deploy", "app.ts"], { CDK_EXIT: "3" });
    expect(exitCode).toBe(3);
    expect(stdout).not.toContain("what it does");
  });

  test("deploys nothing where the app fails", async () => {
    writeFileSync(join(project.folder, "app.ts"), "process.exit(5);\n");
    expect((await run(["deploy", "app.ts"])).exitCode).toBe(5);
    expect(project.commands()).toEqual(["synth"]);
  });

  test("takes a CDK from the PATH where the project has none", async () => {
    const folder = join(project.folder, "programs");
    mkdirSync(folder);
    const text = readFileSync(join(project.folder, "node_modules/.bin/cdk"));
    writeFileSync(join(folder, "cdk"), text, { mode: 0o755 });
    rmSync(join(project.folder, "node_modules"), { recursive: true });
    const PATH = `${folder}:${process.env["PATH"]}`;
    const { exitCode, stdout } = await run(["deploy", "app.ts"], { PATH });
    expect(stdout).toContain(`$ ${join(folder, "cdk")} deploy`);
    expect(exitCode).toBe(0);
  });

  test("says how to get a CDK where there is none", async () => {
    rmSync(join(project.folder, "node_modules"), { recursive: true });
    const end = await run(["deploy", "app.ts"], { PATH: project.folder });
    expectRefusal(end, "cdk-missing", /npm install --save-dev aws-cdk/);
    expect(project.commands()).toEqual([]);
  });

  test("says where it looked for credentials, before the CDK is called", async () => {
    const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_PROFILE: "shop" };
    const end = await run(["deploy", "app.ts"], none);
    expectRefusal(end, "credentials-missing", /AWS_ACCESS_KEY_ID.*profile "shop".*aws sso login/s);
    expect(project.commands()).toEqual([]);
  });

  test("says where it looked for a region, before the CDK is called", async () => {
    const end = await run(["deploy", "app.ts"], { AWS_REGION: "" });
    expectRefusal(end, "region-missing", /AWS_REGION.*Set AWS_REGION/s);
    expect(project.commands()).toEqual([]);
  });

  test("goes where AWS_DEFAULT_REGION says, as the CDK does", async () => {
    await run(["deploy", "app.ts"], { AWS_REGION: "", AWS_DEFAULT_REGION: "us-west-2" });
    expect(project.calls().map(({ region }) => region)).toEqual(["us-west-2", "us-west-2"]);
  });

  test("says what it may not read, and deploys nothing", async () => {
    const end = await run(["deploy", "app.ts"], {
      AWS_ENDPOINT_URL_CLOUDFORMATION: "http://127.0.0.1:1",
      AWS_MAX_ATTEMPTS: "1",
    });
    expectRefusal(end, "store-unavailable", /DescribeStacks on stack "Clicks"/);
    expect(project.commands()).toEqual(["synth"]);
  });

  test.each([
    [["deploy"], /needs <app.ts>, the file of a CDK app/],
    [["deploy", "app.ts", "--logs", "l"], /--logs goes with --local/],
    [["deploy", "app.ts", "--local", "--restore-later"], /--local and --restore-later exclude/],
    [["deploy", "app.ts", "--local", "--", "--force"], /no CDK to hand anything to/],
    [["deploy", "absent.ts"], /no file absent.ts/],
    [["deploy", "app.ts", "--", "--outputs-file=x"], /say --outputs before/],
    [["deploy", "app.ts", "--", "--profile", "x"], /set AWS_PROFILE/],
    [["deploy", "app.ts", "--", "-a", "x"], /give the app's file/],
    [["destroy"], /needs <app.ts>, the file of a CDK app/],
    [["logs", "--since", "soon"], /--since is "soon"/],
    [["logs", "--function", "other"], /process or coordinator/],
    [["logs"], /log group of the process function is not known: say --outputs/],
    [["status"], /--dir <folder>, --outputs <file>/],
  ])("as %j is refused as wrong usage", async (args, message) => {
    const { exitCode, stderr } = await run(args);
    expect(stderr).toMatch(message);
    expect(exitCode).toBe(2);
    expect(project.commands()).toEqual([]);
  });
});

describe("millrace destroy", () => {
  test("says what stays, and lets the CDK delete the rest", async () => {
    const { exitCode, stdout } = await run(["destroy", "app.ts", "--", "--force"]);
    expect(stdout).toMatch(/these stay.*AWS::DynamoDB::Table {2}Table\n/s);
    expect(stdout).not.toContain("AWS::IAM::Role");
    expect(project.calls().at(-1)?.argv).toEqual([
      "destroy",
      "--app",
      expect.stringMatching(assemblyOfApp),
      "--force",
    ]);
    expect(exitCode).toBe(0);
  });
});
