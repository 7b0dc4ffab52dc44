import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../bundle/package-folder.ts";
import { hasDocker, startCompose } from "./emulators/compose.ts";
import { startEmulators } from "./emulators/emulators.ts";

/**
 * `npm run localstack`: starts emulators on their usual ports, says what runs where, and stops them with Ctrl-C. With Docker that is
 * LocalStack's image; without, or with `--no-docker`, emulators that are installed here.
 */
// Asked for from the beginning: a Ctrl-C while they start leaves nothing behind either.
const stopAsked = Promise.race(
  ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => once(process, signal)),
);
const inDocker = !process.argv.includes("--no-docker") && (await hasDocker());
const { variables, stop } = inDocker ? await startInDocker() : await startHere();

const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}`);
const file = join(packageFolder, ".millrace", "localstack.env");
mkdirSync(join(packageFolder, ".millrace"), { recursive: true });
writeFileSync(file, `${lines.join("\n")}\n`);
console.log(`\nIn another shell: source ${file}`);
console.log("Everything is in memory and on 127.0.0.1 only. Ctrl-C stops it.");

const keepAlive = setInterval(() => {}, 60_000);
await stopAsked;
clearInterval(keepAlive);
await stop();
console.log("\nstopped");

async function startInDocker() {
  const emulators = await startCompose();
  console.log(`${emulators.url}  LocalStack in Docker: Kinesis, DynamoDB, S3, CloudFormation`);
  return emulators;
}

async function startHere() {
  const emulators = await startEmulators({ s3: 4566, kinesis: 4567, dynamodb: 8000 });
  for (const [service, { name, url, pid, startupMs }] of Object.entries(emulators.servers))
    console.log(`${service.padEnd(9)} ${url}  ${name}, process ${pid}, ready in ${startupMs} ms`);
  return emulators;
}
