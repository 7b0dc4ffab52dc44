import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../bundle/package-folder.ts";
import { startEmulators } from "./emulators/emulators.ts";

/** `npm run localstack`: starts the emulators on their usual ports, says what runs where, and stops them with Ctrl-C. */
const emulators = await startEmulators({ s3: 4566, kinesis: 4567, dynamodb: 8000 });
for (const [service, { name, url, pid, startupMs }] of Object.entries(emulators.servers))
  console.log(`${service.padEnd(9)} ${url}  ${name}, process ${pid}, ready in ${startupMs} ms`);

const lines = Object.entries(emulators.variables).map(([name, value]) => `export ${name}=${value}`);
const file = join(packageFolder, ".millrace", "localstack.env");
mkdirSync(join(packageFolder, ".millrace"), { recursive: true });
writeFileSync(file, `${lines.join("\n")}\n`);
console.log(`\nIn another shell: source ${file}`);
console.log("Everything is in memory and on 127.0.0.1 only. Ctrl-C stops it.");

const keepAlive = setInterval(() => {}, 60_000);
await Promise.race(["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => once(process, signal)));
clearInterval(keepAlive);
await emulators.stop();
console.log("\nstopped");
