import { otherRows } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { toControlValue } from "../serde/control-value.ts";

interface RefusedInput {
  readonly job: string;
  readonly stream: string;
  /** Documents that could become no record, in all runs. */
  readonly count: number;
}

/** Notes how much of an input was refused so far: a run that reads it again from its beginning counts the same again. */
export async function noteRefusedInput(
  { control }: Pick<Ports, "control">,
  { job, stream, count }: RefusedInput,
): Promise<void> {
  const row = {
    partition: otherRows.refusedInput(job),
    sort: stream,
    rank: count,
    value: toControlValue({}),
  };
  await control.put(row, { kind: "forward" });
}

/** By stream. They are dead letters that no slot has counted. */
export async function readRefusedInput(
  { control }: Pick<Ports, "control">,
  job: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await control.list(otherRows.refusedInput(job));
  return new Map(rows.map(({ sort, rank }) => [sort, rank]));
}

/** Of all streams together. */
export async function refusedInputs(ports: Pick<Ports, "control">, job: string): Promise<number> {
  const counts = await readRefusedInput(ports, job);
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
