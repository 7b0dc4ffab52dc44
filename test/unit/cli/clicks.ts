import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { durablePorts } from "../../../runtime/embedded/ports.ts";

/** A job that counts clicks by user and ten seconds: source, exchange, window, sink. */
export const clicksJob = `
  import { boundedOutOfOrderness, defineJob, tumblingWindows, unchecked } from "millrace";
  import { dynamodbSink, kinesisSource } from "millrace/connectors";
  export default defineJob("clicks", (env) => {
    env
      .source(kinesisSource({ stream: "clicks", schema: unchecked() }), {
        uid: "clicks",
        watermarks: boundedOutOfOrderness({ timestamp: (click) => click.atMs, bound: { seconds: 1 } }),
      })
      .keyBy((click) => click.user)
      .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "windows", allowedLateness: { hours: 1000 } })
      .aggregate(
        { create: () => ({ n: 0 }), add: (sum) => { sum.n += 1; return sum; }, result: ({ n }) => n },
        (n, { key, window }) => ({ user: key, startMs: window.startMs, n }),
      )
      .sinkTo(dynamodbSink({ table: "counts", key: ["user", "startMs"] }), { uid: "counts" });
  });
`;

/** Writes `job.ts` and `clicks.jsonl`, with an empty line in the middle; answers the rows that the job has to give. */
export function writeClicks(folder: string, count: number): readonly string[] {
  const counts = new Map<string, number>();
  const lines: string[] = [];
  for (let index = 0; index < count; index++) {
    const click = { user: `u${index % 7}`, atMs: index * 20 };
    const key = `${click.user} ${Math.floor(click.atMs / 10_000) * 10_000}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    lines.push(JSON.stringify(click));
    if (index === Math.floor(count / 2)) lines.push("");
  }
  writeFileSync(join(folder, "job.ts"), clicksJob);
  writeFileSync(join(folder, "clicks.jsonl"), lines.join("\n"));
  return Array.from(counts, ([key, n]) => `${key} ${n}`).sort();
}

/** The rows that a run left in its folder. */
export async function countsIn(dir: string): Promise<readonly string[]> {
  const ports = durablePorts(dir);
  try {
    const rows: string[] = [];
    for await (const { user, startMs, n } of ports.tables.scan("counts"))
      rows.push(`${String(user)} ${String(startMs)} ${String(n)}`);
    return rows.sort();
  } finally {
    ports.close();
  }
}
