import type { DirectWrite } from "../../graph/connectors.ts";
import { stateError } from "../../errors/millrace-error.ts";
import type { Collected } from "../../checkpoint/staged.ts";
import type { Block } from "../../exchange/frame.ts";
import { objectNames, type SlotPlace } from "../../layout/names.ts";
import type { LogRow, Ports } from "../../ports/index.ts";
import { openEnvelope, sealEnvelope } from "../../serde/envelope.ts";
import type { BroadcastDelta } from "../../state/broadcast-delta.ts";
import type { StateDelta } from "../../state/state-delta.ts";
import type { DeadLetter } from "../../job/dead-letter.ts";
import type { SlotMeta } from "../../job/slot-meta.ts";

/** The whole effect of a batch: the body of a log row (format 1, docs/protocol.md section 3). */
export interface CommitBody {
  readonly meta: SlotMeta;
  readonly deltas: readonly StateDelta[];
  /** Changes of broadcast state, where there are any (protocol 4.9). */
  readonly broadcast?: readonly BroadcastDelta[];
  /** The deltas are the whole state, not a change: the body of a takeover. */
  readonly whole?: boolean;
  readonly blocks: readonly Block[];
  /** By sink, with the index that orders each write within the commit. */
  readonly writes: readonly SinkWrites[];
  readonly deadLetters: readonly DeadLetter[];
  /** What this commit adds to what is collected for the next epoch. */
  readonly collected?: readonly Collected[];
  /** Sinks of which all that was collected, this commit's included, is in objects that the meta names now. */
  readonly staged?: readonly string[];
  /** What is pending from here on, where that changed. */
  readonly pending?: readonly Block[];
  /** Blocks in flight that this commit took, for the epoch that the slot has cut for. */
  readonly recorded?: readonly Block[];
}

export interface SinkWrites {
  readonly sink: string;
  readonly writes: readonly (readonly [index: number, write: DirectWrite])[];
}

/** A commit that changes nothing but the slot's meta. */
export function bodyOfMeta(meta: SlotMeta): CommitBody {
  return { meta, deltas: [], blocks: [], writes: [], deadLetters: [] };
}

export interface RowHeader {
  readonly version: number;
  readonly kind: LogRow["kind"];
  readonly epoch: number;
  readonly plan: string;
  /** The slot whose row it is. */
  readonly place: SlotPlace;
  readonly inlineMaxBytes: number;
}

/** Makes the row of a body; a large body is put into an object first (protocol 3.3). */
export async function writeRow(
  ports: Ports,
  header: RowHeader,
  body: CommitBody,
): Promise<LogRow & { readonly bodyBytes: number }> {
  const { version, kind, epoch, plan } = header;
  const nonce = ports.random.id();
  const sealed = sealEnvelope("commit", body, ports.compression);
  const row = { version, nonce, kind, epoch, plan, format: 1, bodyBytes: sealed.length };
  if (sealed.length <= header.inlineMaxBytes) return { ...row, body: sealed };
  const bodyKey = objectNames.body({ ...header.place, version, id: nonce });
  await ports.objects.put(bodyKey, sealed);
  return { ...row, bodyKey };
}

export async function readBody(
  ports: Ports,
  row: LogRow,
): Promise<CommitBody & { readonly bytes: number }> {
  const bytes =
    row.body ?? (row.bodyKey === undefined ? undefined : await ports.objects.get(row.bodyKey));
  if (bytes === undefined) {
    throw stateError("commit-body-missing", {
      message: `The body of version ${row.version} is not where its row says: ${row.bodyKey ?? "the row has none"}.`,
      next: "Objects of a job must not be deleted by anything but Millrace; restore the object's previous version.",
    });
  }
  return {
    ...(openEnvelope("commit", bytes, ports.compression, bodyName(row)) as CommitBody),
    bytes: bytes.length,
  };
}

function bodyName({ version, bodyKey }: LogRow): string {
  return bodyKey === undefined ? `The body of version ${version}` : `Object "${bodyKey}"`;
}
