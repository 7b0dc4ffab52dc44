import { expect, test } from "vitest";
import { awsPorts } from "../../runtime/aws/ports.ts";
import { systemRandom } from "../../runtime/node/system-environment.ts";
import { emfTelemetry } from "../../runtime/aws/emf-telemetry.ts";
import { s3ObjectStore } from "../../runtime/aws/s3-object-store.ts";
import type { Clock } from "../../runtime/ports/index.ts";
import { jobTableSchema } from "./aws-admin.ts";
import { awsWorld } from "./aws-world.ts";

test("the ports of a job use its table, its prefix, and the names that its streams and tables have in AWS", async () => {
  const world = await awsWorld();
  const clock: Clock = { nowMs: () => 0, sleep: async () => {} };
  await world.createTable("jobs", jobTableSchema);
  await world.createTable("stack-delays", [{ name: "origin", type: "S" }]);
  await world.createStream("stack-flights", 1);
  const ports = awsPorts({
    table: "jobs",
    bucket: "state",
    prefix: "airport-delays/",
    tableName: (table) => `stack-${table}`,
    streamName: (stream) => `stack-${stream}`,
    environment: {
      clock,
      random: { id: () => "id", fraction: () => 0 },
      compression: { id: 0, compress: (data) => data, decompress: (data) => data },
      decompression: { open: (_, data) => data },
      telemetry: emfTelemetry({ clock, job: "airport-delays", write: () => {} }),
      heap: { measure: () => ({ usedBytes: 0, limitBytes: 1 }), collect() {} },
    },
    clients: world.clients,
  });

  const order = { generation: 1, version: 1, index: 0 };
  const key = { origin: "ORD" };
  await ports.tables.write("delays", [{ key, row: key, order }], {
    job: "delays",
    incarnation: 1,
    takesOver: false,
  });
  expect(await ports.tables.get("delays", key)).toEqual(key);

  const [put] = await ports.writer.put("flights", [{ partitionKey: "k", data: new Uint8Array(1) }]);
  const [shard] = await ports.reader.listShards("flights");
  expect(put).toMatchObject({ put: true, shardId: shard!.shardId });

  await ports.objects.put("parts/1", new Uint8Array([1]));
  const bucket = s3ObjectStore({
    client: world.clients.s3,
    bucket: "state",
    clock,
    random: systemRandom,
  });
  expect(await bucket.get("airport-delays/parts/1")).toEqual(new Uint8Array([1]));

  const row = { partition: "airport-delays", sort: "lease", rank: 1, value: null };
  await ports.control.put(row, { kind: "absent" });
  expect(await ports.control.list("airport-delays")).toEqual([row]);
  const slot = { job: "airport-delays", generation: 1, slot: "s", ringSize: 4 };
  expect(await ports.log.readAll(slot)).toEqual([]);
  await world.close();
});
