import { type Manifest, type ManifestSlot } from "../checkpoint/manifest.ts";
import { readPart, readSegment } from "../checkpoint/part.ts";
import { inputError } from "../errors/millrace-error.ts";
import type { KeyValue } from "../graph/key-value.ts";
import { objectNames } from "../layout/names.ts";
import type { Plan, Stage } from "../plan/plan.ts";
import type { Ports } from "../ports/index.ts";
import { keyIdentity } from "../serde/key-identity.ts";
import { broadcastRows } from "./broadcast-rows.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import { damageOrGone } from "./damage-or-gone.ts";
import { ownerOf } from "./key-owner.ts";
import { mergeDelta } from "./merge-delta.ts";
import { cellParts, isOf, matches, type ReadSavepoint, type StateRow } from "./state-row.ts";
import { windowAssigners, withWindowNames } from "./window-names.ts";

/**
 * The keyed state of an epoch as it was at its cut, slot by slot, then what was broadcast, once; of one slot at a time all that was asked for is in memory.
 * Elements that were on their way then are not state.
 * @throws MillraceError `operator-not-in-savepoint`, `state-not-in-savepoint`, `part-missing`, `manifest-missing`,
 *   `format-corrupt`
 */
export async function* readSavepoint(
  ports: Pick<Ports, "objects" | "compression">,
  manifest: Manifest,
  options: ReadSavepoint = {},
): AsyncGenerator<StateRow> {
  const { plan } = manifest;
  const stages = stagesOf(plan, options.operator);
  const seen = new Set<string>();
  const orGone = damageOrGone(
    ports.objects,
    objectNames.manifest(manifest.job, manifest.generation, manifest.epoch),
  );
  for (const slot of manifest.slots) {
    if (!mayHold(slot, { plan, stages }, options.keys)) continue;
    yield* await rowsOfSlot(ports, { manifest, slot, seen }, options).catch(orGone);
  }
  const broadcast = await broadcastRows(ports, manifest, options).catch(orGone);
  for (const { operator, state } of broadcast) seen.add(`${operator}/${state}`);
  if (options.keys === undefined) yield* broadcast;
  const { operator, state } = options;
  const ofOperator = [...seen].filter((cell) => operator === undefined || isOf(cell, operator));
  if (state === undefined || ofOperator.length === 0) return;
  if (ofOperator.some((cell) => cellParts(cell).state === state)) return;
  throw inputError("state-not-in-savepoint", {
    message: `There is no state "${state}"${operator === undefined ? "" : ` of operator "${operator}"`} in the savepoint; there are ${ofOperator.toSorted().join(", ")}.`,
    next: "Name one of these, or leave --state out.",
  });
}

interface SlotToRead {
  readonly manifest: Manifest;
  readonly slot: ManifestSlot;
  /** Names of the states that were met. */
  readonly seen: Set<string>;
}

async function rowsOfSlot(
  ports: Pick<Ports, "objects" | "compression">,
  { manifest, slot, seen }: SlotToRead,
  options: ReadSavepoint,
): Promise<Iterable<StateRow>> {
  const { plan } = manifest;
  const assigners = windowAssigners(plan);
  const part = await readPart<SlotMeta>(ports, slot.part.key);
  const wanted = options.keys && new Set(options.keys.map(keyIdentity));
  const rows = new Map<string, StateRow>();
  for (const segment of part.segments) {
    for (const delta of await readSegment(ports, segment)) {
      const stage = plan.stages.find(({ id }) => id === delta.stage);
      // Segments of a restore hold keys of other slots too.
      const owns =
        part.clip === true && stage !== undefined ? ownerOf(stage, plan, part.meta) : () => true;
      const accepts = delta.keys.map(
        (key) => (wanted === undefined || wanted.has(keyIdentity(key))) && owns(key),
      );
      for (const cell of delta.cells) seen.add(cell);
      const accepted = (cell: string, key: number) =>
        matches(cell, options) && accepts[key] === true;
      mergeDelta(rows, withWindowNames(delta, assigners), accepted);
    }
  }
  return rows.values();
}

function stagesOf({ stages }: Plan, operator: string | undefined): readonly Stage[] {
  const stateful = stages.filter((stage) => stage.operators.some((one) => one.stateful));
  if (operator === undefined) return stateful;
  const found = stateful.filter(({ operators }) =>
    operators.some(({ stateful: keeps, uid, name }) => keeps && (uid ?? name) === operator),
  );
  if (found.length > 0) return found;
  const known = stateful.flatMap(({ operators }) =>
    operators.filter((one) => one.stateful).map(({ uid, name }) => uid ?? name),
  );
  throw inputError("operator-not-in-savepoint", {
    message: `No operator "${operator}" keeps state in the savepoint; ${known.length === 0 ? "none does" : `there are ${known.join(", ")}`}.`,
    next: "Operators are named by their uid, as it was when the savepoint was taken.",
  });
}

/** Whether a slot can have any of the keys: the others need not be read. */
function mayHold(
  slot: ManifestSlot,
  { plan, stages }: { readonly plan: Plan; readonly stages: readonly Stage[] },
  keys: readonly KeyValue[] | undefined,
): boolean {
  if (keys === undefined) return true;
  return stages.some((stage) => keys.some(ownerOf(stage, plan, slot)));
}
