import type { Manifest } from "../checkpoint/manifest.ts";
import { readPart } from "../checkpoint/part.ts";
import { broadcastGiver } from "../job/broadcast-giver.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import type { Ports } from "../ports/index.ts";
import { entriesOf } from "../state/broadcast-delta.ts";
import { cellParts, matches, type ReadSavepoint, type StateRow, valueOf } from "./state-row.ts";

/** Broadcast state of an epoch that was asked for, from the slot whose copy a restore takes (protocol 4.9). */
export async function broadcastRows(
  ports: Pick<Ports, "objects" | "compression">,
  { slots, plan, exchangeStream }: Manifest,
  options: ReadSavepoint,
): Promise<readonly StateRow[]> {
  const isKept = plan.stages.some(({ operators }) =>
    operators.some(({ states }) => states?.some(({ kind }) => kind === "broadcast")),
  );
  const exchange = slots.filter(({ stream }) => stream === exchangeStream);
  const saved = exchange.map((slot) => ({ slot, meta: slot }));
  const giver = isKept ? broadcastGiver(saved, plan.maxParallelism) : undefined;
  if (giver === undefined) return [];
  const { broadcast = [] } = await readPart<SlotMeta>(ports, giver.slot.part.key);
  return broadcast.flatMap((delta) =>
    entriesOf(delta)
      .filter(({ cell }) => matches(delta.cells[cell] as string, options))
      .map(({ cell, mapKey, committed }) => ({
        ...cellParts(delta.cells[cell] as string),
        mapKey,
        value: valueOf(committed),
      })),
  );
}
