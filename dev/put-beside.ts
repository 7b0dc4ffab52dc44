import { otherRows } from "../runtime/layout/names.ts";
import type { Ports } from "../runtime/ports/index.ts";
import type { StreamWriter } from "../runtime/ports/streams.ts";
import { toControlValue } from "../runtime/serde/control-value.ts";

/**
 * A writer for whoever puts records into a stream that has an input too: they are counted, so that the input goes on where it was left. The
 * count is written before the records: who is killed in between makes the input come again, and never be passed over.
 */
export function writerBeside({
  writer,
  control,
  random,
}: Pick<Ports, "control" | "random"> & { readonly writer: StreamWriter }): StreamWriter {
  const sort = random.id();
  const counts = new Map<string, number>();
  const note = async (stream: string, rank: number): Promise<void> => {
    const row = { partition: otherRows.putBeside(stream), sort, rank, value: toControlValue({}) };
    await control.put(row, { kind: "always" });
  };
  return {
    async put(stream, entries) {
      const before = counts.get(stream) ?? 0;
      await note(stream, before + entries.length);
      const results = await writer.put(stream, entries);
      const after = before + results.filter(({ put }) => put).length;
      if (after < before + entries.length) await note(stream, after);
      counts.set(stream, after);
      return results;
    },
  };
}

/** So many records of a stream are none of its input's. */
export async function recordsPutBeside(
  { control }: Pick<Ports, "control">,
  stream: string,
): Promise<number> {
  const rows = await control.list(otherRows.putBeside(stream));
  return rows.reduce((sum, { rank }) => sum + rank, 0);
}
