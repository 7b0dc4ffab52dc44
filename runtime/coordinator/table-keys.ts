import { resourceOf } from "../connectors/sinks.ts";
import { tableKeyFault } from "../connectors/table-key-fault.ts";
import { messageOf } from "../errors/millrace-error.ts";
import type { Ports, TableKey } from "../ports/index.ts";
import { readTableKeys, type TableKeyMismatch, type TableKeysRow } from "../observe/table-keys.ts";
import { toControlValue } from "../serde/control-value.ts";
import { type JobRuntime, physicalName } from "../job/job-runtime.ts";
import { rowKeys } from "../layout/names.ts";
import type { CoordinatorOptions } from "./options.ts";

/**
 * Compares the tables that are there with the keys of the sinks' rows, tells what does not fit, and notes it. The slots go on
 * whatever is found: each refused row becomes a dead letter. Never throws.
 */
export async function checkTableKeys(options: CoordinatorOptions): Promise<void> {
  const { ports, plan } = options.job;
  if (options.tableSchemas === undefined) return;
  try {
    const before = await readTableKeys(ports, plan.job);
    const found = sinkTables(options.job).map(async (sinkTable) => {
      const fault = await faultOf(options, sinkTable);
      // What nobody could look at is as it was.
      if (fault === unknown) return before.filter(({ sink }) => sink === sinkTable.sink);
      if (fault === undefined) return [];
      const { sink, table } = sinkTable;
      ports.telemetry.alarm("table-key-mismatch", { sink, table, fault, next });
      return [{ sink, table, fault }];
    });
    await note(ports, plan.job, (await Promise.all(found)).flat());
  } catch (thrown) {
    ports.telemetry.log("warn", "tables were not checked", { error: messageOf(thrown) });
  }
}

const next =
  "Make the table anew with the key of the rows, give the pipeline another, or give the sink the table's key. Rows that it refuses meanwhile are dead letters.";

/** Nobody could look. */
const unknown = Symbol("unknown");

interface SinkTable {
  readonly sink: string;
  /** As the store calls it. */
  readonly table: string;
  readonly key: TableKey;
}

function sinkTables({ plan, names }: JobRuntime): readonly SinkTable[] {
  return plan.sinks.flatMap((sink) => {
    const resource = resourceOf(sink);
    if (resource.kind !== "table") return [];
    return [{ sink: sink.uid, table: physicalName(names, resource), key: resource.key }];
  });
}

async function faultOf(
  { job, tableSchemas }: CoordinatorOptions,
  { sink, table, key }: SinkTable,
): Promise<string | typeof unknown | undefined> {
  try {
    const existing = await tableSchemas?.keyOf(table);
    return existing && tableKeyFault(key, existing);
  } catch (thrown) {
    const error = messageOf(thrown);
    job.ports.telemetry.log("warn", "a table was not checked", { sink, table, error });
    return unknown;
  }
}

/** Written only where the status would say something else: a job whose tables fit has no row. */
async function note(
  { control }: Ports,
  job: string,
  mismatches: readonly TableKeyMismatch[],
): Promise<void> {
  const found = await control.get(rowKeys.tableKeys(job));
  const value = toControlValue({ mismatches } satisfies TableKeysRow);
  const before = found?.value ?? toControlValue({ mismatches: [] } satisfies TableKeysRow);
  if (JSON.stringify(before) === JSON.stringify(value)) return;
  await control.put(
    { ...rowKeys.tableKeys(job), rank: (found?.rank ?? 0) + 1, value },
    { kind: "forward" },
  );
}
