#!/usr/bin/env node
import { unsupportedNode } from "./supported-node.ts";

const unsupported = unsupportedNode(process.versions.node);
if (unsupported === undefined) {
  const { main } = await import("./main.ts");
  await main(process.argv.slice(2));
} else {
  process.stderr.write(`${unsupported}\n`);
  process.exitCode = 1;
}
