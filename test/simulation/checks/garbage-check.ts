import { slotRows } from "../../../runtime/layout/names.ts";
import type { GenerationRecord } from "./generation-record.ts";
import { segmentsOf } from "./progress-check.ts";

/** protocol 6.8: nothing is deleted that a row of a log or a live part refers to. */
export function checkDeleted(record: GenerationRecord, key: string): void {
  const { plan, generation, stores } = record.options;
  const { log, control, objects } = stores();
  if (Number(key.split("/")[1]) === generation)
    for (const row of log.rows()) if (row.bodyKey === key) record.break(`body ${key} is deleted`);
  for (const { value } of control.list(slotRows.progress(plan.job, generation))) {
    const { part } = value as { readonly part?: { readonly key: string } };
    if (part === undefined) continue;
    if (part.key === key) record.break(`part ${key} is deleted although a progress row names it`);
    const data = objects.get(part.key);
    if (data !== undefined && segmentsOf(data).some((segment) => segment.key === key))
      record.break(`segment ${key} is deleted although a live part names it`);
  }
}
