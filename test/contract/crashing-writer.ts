/** Run as a process of its own, to be killed: writes version after version to every port of a folder, and says which is done. */
import { writeSync } from "node:fs";
import { durablePorts, type EmbeddedPorts } from "../../runtime/embedded/index.ts";
import type { LogName } from "../../runtime/ports/index.ts";

export const crashSlot: LogName = { job: "crash", generation: 1, slot: "s", ringSize: 16 };
export const crashStream = "crash";
export const recordsOfVersion = 40;
export const rowsOfVersion = 10;

const standardOutput = 1;

async function writeVersion(ports: EmbeddedPorts, version: number): Promise<void> {
  const { log, writer, tables, objects } = ports;
  const body = new Uint8Array(4_096).fill(version % 256);
  const header = { nonce: `n${version}`, kind: "commit", epoch: 1, plan: "p", format: 1 } as const;
  const outcome = await log.append(crashSlot, { version, ...header, body });
  if (!outcome.appended) throw new Error(`version ${version} is taken`);
  const data = new TextEncoder().encode(String(version));
  await writer.put(
    crashStream,
    Array.from({ length: recordsOfVersion }, (_, index) => ({ partitionKey: `k${index}`, data })),
  );
  await tables.write(
    "crash",
    Array.from({ length: rowsOfVersion }, (_, id) => ({
      key: { id },
      row: { id, version },
      order: { generation: 1, version, index: id },
    })),
    { job: "crash", incarnation: 1, takesOver: false },
  );
  await objects.put(`crash/${String(version).padStart(9, "0")}`, body);
}

async function main([dir, firstVersion]: readonly string[]): Promise<void> {
  const ports = durablePorts(dir!);
  await ports.admin.createStream(crashStream, { shards: 2 });
  for (let version = Number(firstVersion); ; version++) {
    await writeVersion(ports, version);
    writeSync(standardOutput, `${version}\n`);
  }
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2));
