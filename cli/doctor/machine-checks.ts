import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { messageOf } from "../../runtime/errors/millrace-error.ts";
import { findCdk } from "../cdk-program.ts";
import { unsupportedNode } from "../supported-node.ts";
import { type Finding, ok } from "./finding.ts";

const run = promisify(execFile);

export function checkNode(version: string = process.versions.node): Finding {
  const fault = unsupportedNode(version);
  if (fault === undefined) return ok("node", `Node ${version}`);
  const next = "Install it from https://nodejs.org.";
  return { name: "node", state: "failed", message: fault.replace("millrace: ", ""), next };
}

/** The store of `millrace dev`. */
export async function checkSqlite(): Promise<Finding> {
  try {
    const { DatabaseSync } = await import("node:sqlite");
    const database = new DatabaseSync(":memory:");
    try {
      const found = database.prepare("SELECT sqlite_version() AS version").get();
      return ok("sqlite", `SQLite ${String(found?.["version"])}, of Node`);
    } finally {
      database.close();
    }
  } catch (thrown) {
    return {
      name: "sqlite",
      state: "failed",
      message: `Node's own SQLite can't be used (${messageOf(thrown)}).`,
      next: "Take a Node that was built with it, such as that of https://nodejs.org.",
    };
  }
}

const cdkMajor = 2;
const cdkPatienceMs = 30_000;

/** The command line that deploys. Jobs run on this machine without it. */
export async function checkCdk(): Promise<Finding> {
  const name = "cdk";
  const next = "To deploy, add it to the project: npm install --save-dev aws-cdk@2";
  let program: string;
  try {
    program = findCdk({ folders: [process.cwd()], path: process.env["PATH"] ?? "" });
  } catch (thrown) {
    return { name, state: "note", message: messageOf(thrown).split("\n", 1)[0] ?? "", next };
  }
  try {
    const { stdout } = await run(program, ["--version"], { timeout: cdkPatienceMs });
    const version = stdout.trim();
    if (Number.parseInt(version) === cdkMajor) return ok(name, `CDK ${version}, ${program}`);
    return {
      name,
      state: "failed",
      message: `${program} is CDK ${version}, and 2 is needed.`,
      next,
    };
  } catch (thrown) {
    const message = `${program} does not run (${messageOf(thrown).split("\n", 1)[0]}).`;
    return { name, state: "failed", message, next };
  }
}
