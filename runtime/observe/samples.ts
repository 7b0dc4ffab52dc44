import { otherRows } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";

/** What a job had come to at a moment: sums over its slots. */
export interface JobSample {
  readonly atMs: number;
  readonly generation: number;
  readonly records: number;
  readonly commits: number;
  readonly deadLetters: number;
  readonly stateBytes: number;
  readonly keys: number;
  readonly exchangeLagMs: number;
  /** How far the slowest watermark is behind the clock; absent where none is a time. */
  readonly watermarkLagMs?: number;
}

/** Samples of a row, which is written over when the ring has come round. */
interface SamplesRow {
  /** Since when: a multiple of {@link rowMs}. */
  readonly fromMs: number;
  readonly samples: readonly JobSample[];
}

/** Between two samples, at least. */
export const sampleEveryMs = 2_000;
const rowMs = 60 * sampleEveryMs;
/** Two hours. */
const rowsMax = 60;

const startOf = (atMs: number): number => Math.floor(atMs / rowMs) * rowMs;

const placeOf = (job: string, fromMs: number) => ({
  partition: otherRows.samples(job),
  sort: String((fromMs / rowMs) % rowsMax).padStart(2, "0"),
});

/**
 * Keeps samples of a job in a ring of rows, which outlives whoever writes it. One process writes at a time; of two the later one's samples
 * stand.
 */
export function sampleRecorder(
  { control }: Pick<Ports, "control">,
  job: string,
): (sample: JobSample) => Promise<void> {
  let current: SamplesRow | undefined;
  return async (sample) => {
    const fromMs = startOf(sample.atMs);
    if (current?.fromMs !== fromMs) current = await rowSince(control, job, fromMs);
    const lastMs = current.samples.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
    if (sample.atMs - lastMs < sampleEveryMs) return;
    current = { fromMs, samples: [...current.samples, sample] };
    const row = { ...placeOf(job, fromMs), rank: 0, value: toControlValue(current) };
    await control.put(row, { kind: "always" });
  };
}

/** What stands in the row already, if it is of this round of the ring. */
async function rowSince(
  control: Ports["control"],
  job: string,
  fromMs: number,
): Promise<SamplesRow> {
  const row = await control.get(placeOf(job, fromMs));
  const found = row && fromControlValue<SamplesRow>(row);
  return found?.fromMs === fromMs ? found : { fromMs, samples: [] };
}

/** All samples that are kept, the oldest first. */
export async function readSamples(
  { control }: Pick<Ports, "control">,
  job: string,
): Promise<readonly JobSample[]> {
  const rows = await control.list(otherRows.samples(job));
  return rows
    .map((row) => fromControlValue<SamplesRow>(row))
    .toSorted((left, right) => left.fromMs - right.fromMs)
    .flatMap(({ samples }) => samples);
}
