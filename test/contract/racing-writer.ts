/** Run as a process or worker thread of its own: races others for every version of one log, and answers with those it won. */
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { durablePorts } from "../../runtime/embedded/index.ts";
import type { LogName } from "../../runtime/ports/index.ts";

export const raceSlot: LogName = { job: "race", generation: 1, slot: "s", ringSize: 32 };
export const raceStream = "race";
export const lastRaceVersion = 200;

export interface Racer {
  readonly dir: string;
  readonly name: string;
}

export interface RaceResult {
  readonly name: string;
  readonly won: readonly number[];
}

async function race({ dir, name }: Racer): Promise<RaceResult> {
  const { log, writer, admin, objects, close } = durablePorts(dir);
  await admin.createStream(raceStream, { shards: 2 });
  const won: number[] = [];
  const data = new TextEncoder().encode(name);
  for (let version = 1; version <= lastRaceVersion; version++) {
    const header = { nonce: name, kind: "commit", epoch: 1, plan: "p", format: 1 } as const;
    const { appended } = await log.append(raceSlot, { version, ...header, body: data });
    if (!appended) continue;
    won.push(version);
    await writer.put(raceStream, [{ partitionKey: `${version}`, data }]);
    await objects.put(`race/${version}`, data, { ifAbsent: true });
  }
  close();
  return { name, won };
}

if (!isMainThread && parentPort !== null) parentPort.postMessage(await race(workerData as Racer));
else if (process.argv[1] === import.meta.filename) {
  const [dir, name] = process.argv.slice(2);
  process.stdout.write(JSON.stringify(await race({ dir: dir!, name: name! })));
}
