import { join } from "node:path";
import { npmInstall } from "../emulators/npm-install.ts";

const files = join(import.meta.dirname, "runtime-client");

/** Path of AWS's own runtime client for Node, installed once: its native part is compiled, which takes minutes. */
export async function installRuntimeClient(): Promise<string> {
  const modules = await npmInstall(
    "lambda-runtime-client",
    files,
    "npm, a C++ compiler, cmake and make",
  );
  return join(modules, "aws-lambda-ric", "index.mjs");
}
