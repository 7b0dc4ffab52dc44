import { globSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { patienceMs } from "./test/patience.ts";

// Every process that a test starts would compile the CDK's and TypeScript's code anew.
process.env["NODE_COMPILE_CACHE"] ??= join(tmpdir(), "millrace-compile-cache");
// The CDK starts a WebAssembly engine to check each template: half the time of its tests. `npm run synth` checks them.
process.env["CDK_VALIDATION"] ??= "false";

const slow = "test/**/*.slow.test.ts";
// These install and start emulators: `npm run test:localstack`.
const emulators = "test/localstack/**";
// These start a browser: `npm run test:browser`.
const browser = "test/browser/**";

/** Files that take few seeds or cuts among the quick tests, and many among the slow ones. */
const withRounds = globSync("test/**/*.test.ts", { cwd: import.meta.dirname }).filter((file) =>
  readFileSync(file, "utf8").includes('/rounds.ts"'),
);

export default defineConfig({
  test: {
    environment: "node",
    // Node takes TypeScript as it is: transforming every module anew took a tenth of the time.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Forks: some suites kill what they start, and node:sqlite keeps native handles of its own.
    pool: "forks",
    // Room for what is young: a tenth of the time goes into collecting it otherwise.
    execArgv: ["--min-semi-space-size=16", "--max-semi-space-size=32"],
    // Many tests wait for processes that they started: the default leaves one core idle.
    maxWorkers: "100%",
    // Emulators, bundling and type-checking start processes: how fast they are is no business of the tests.
    testTimeout: patienceMs,
    hookTimeout: patienceMs,
    projects: [
      {
        extends: true,
        test: {
          name: "quick",
          include: ["test/**/*.test.ts"],
          exclude: [slow, emulators, browser],
          // A process of its own for each file costs more than most files: what a file changes of its process it takes back.
          isolate: false,
        },
      },
      // Starts and kills processes many times, and runs many seeds: `npm run test:slow`.
      {
        extends: true,
        test: {
          name: "slow",
          include: [slow, ...withRounds],
          exclude: [emulators, browser],
          env: { MILLRACE_ROUNDS: "many" },
        },
      },
    ],
  },
});
