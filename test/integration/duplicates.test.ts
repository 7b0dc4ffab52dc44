import { expect, test } from "vitest";
import { defineJob, monotonousTimestamps, unchecked } from "millrace";
import { dynamodbSink, kinesisSink, kinesisSource } from "millrace/connectors";
import {
  buildPlan,
  createStreams,
  embeddedRuntime,
  type EmbeddedPorts,
  memoryPorts,
  runEmbedded,
} from "millrace/dev";

interface Order {
  readonly id: number;
  readonly customer: string;
}

const watermarks = monotonousTimestamps();
const orders = kinesisSource({ stream: "orders", schema: unchecked<Order>() });

/** Appends every order to another stream. */
const producer = defineJob("producer", (env) => {
  env
    .source(orders, { uid: "orders", watermarks })
    .sinkTo(kinesisSink({ stream: "copies", partitionKey: (order) => order.customer }), {
      uid: "copies",
    });
});

/** Counts them from there. */
const consumer = (dropDuplicates: boolean) =>
  defineJob("consumer", (env) => {
    env
      .source(
        kinesisSource({
          stream: "copies",
          schema: unchecked<Order | { readonly value: Order }>(),
          dropDuplicates,
        }),
        {
          uid: "copies",
          watermarks,
        },
      )
      // Without dropping duplicates the sink's envelope is not taken off either.
      .map((record) => ({ ...("value" in record ? record.value : record), orders: 1 }))
      .keyBy((order) => order.customer)
      .reduce((sum, { orders: more }) => ({ ...sum, orders: sum.orders + more }), { uid: "sum" })
      .sinkTo(dynamodbSink({ table: "sums", key: ["customer"] }), { uid: "sums" });
  });

/** Puts every record of the copies twice, as a sink does whose answers are lost. */
function twice(ports: EmbeddedPorts): EmbeddedPorts {
  const put: EmbeddedPorts["writer"]["put"] = async (stream, entries) => {
    if (stream === "copies") await ports.writer.put(stream, entries.toReversed());
    return ports.writer.put(stream, entries);
  };
  return { ...ports, writer: { put } };
}

async function run(job: ReturnType<typeof consumer>, ports: EmbeddedPorts): Promise<void> {
  const plan = buildPlan(job.graph);
  await createStreams(plan, ports, { source: 2, exchange: 1 });
  await (
    await runEmbedded({ job: embeddedRuntime({ graph: job.graph, plan }, ports) })
  ).done;
}

async function sums(dropDuplicates: boolean): Promise<ReadonlyMap<unknown, unknown>> {
  const ports = memoryPorts();
  await ports.admin.createStream("orders", { shards: 2 });
  const entries = Array.from({ length: 300 }, (_, id) => ({
    partitionKey: String(id),
    data: new TextEncoder().encode(JSON.stringify({ id, customer: `c${id % 7}` })),
  }));
  await ports.writer.put("orders", entries);
  await ports.admin.endStream("orders");
  await run(producer, twice(ports));
  await ports.admin.endStream("copies");
  await run(consumer(dropDuplicates), ports);
  const found = new Map<unknown, unknown>();
  for await (const row of ports.tables.scan("sums")) found.set(row["customer"], row["orders"]);
  ports.close();
  return found;
}

const once = new Map(
  Array.from({ length: 7 }, (_, customer) => [`c${customer}`, customer < 6 ? 43 : 42]),
);

test("a source that drops duplicates counts records once that a sink appended twice, in another order", async () => {
  expect(await sums(true)).toEqual(once);
});

test("a source that keeps duplicates counts the same records twice", async () => {
  const doubled = new Map([...once].map(([customer, orders]) => [customer, orders * 2]));
  expect(await sums(false)).toEqual(doubled);
});
