import type { Part } from "../../../runtime/checkpoint/part.ts";
import type {
  Block,
  Elements,
  Frame,
  FramePointer,
  Tick,
} from "../../../runtime/exchange/frame.ts";
import type { SlotMeta } from "../../../runtime/job/slot-meta.ts";
import type { EnvelopeKind } from "../../../runtime/serde/formats.ts";
import type { CommitBody } from "../../../runtime/slot/image/commit-body.ts";
import type { BroadcastDelta } from "../../../runtime/state/broadcast-delta.ts";
import type { StateDelta } from "../../../runtime/state/state-delta.ts";

/** How a format packs what stands within its messages. */
export interface Packing {
  readonly value: (value: unknown) => Uint8Array;
  /** Elements of blocks that travel, and of those that are kept. */
  readonly sent: (elements: Elements) => Uint8Array;
  readonly kept: (elements: Elements) => Uint8Array;
}

const meta: SlotMeta = {
  version: 3,
  epoch: 1,
  range: { firstHash: "0".repeat(32), lastHash: "f".repeat(32) },
  cursor: { sequence: "12", elements: 4 },
  pastFence: true,
  watermarks: {
    win: { ms: Number.NEGATIVE_INFINITY, idle: false },
    end: { ms: Number.POSITIVE_INFINITY, idle: true },
  },
  source: { maxTimestampMs: 1_700_000_000_000, lastRecordMs: 5, ended: false, idle: false },
  marks: { "in/shardId-000000000000": [[0, 15, 2]] },
  sentToSelf: [[0, 7, 3]],
  tickClockMs: 1_700_000_000_500,
  counters: { records: 9, deadLetters: 1, operators: { "win/windows": [9, 2] } },
};

/** Values as every format wrote them. */
export const values: readonly unknown[] = [
  { flights: 3, delay: 0.5, big: 2n ** 70n },
  [
    { user: "a", n: 1 },
    { user: "b", n: -1 },
    { other: null, none: undefined },
  ],
  new Map<unknown, unknown>([
    ["größer", { n: 1 }],
    [2, new Set([1n, "x"])],
  ]),
  { at: new Date(1_700_000_000_123), bytes: Uint8Array.of(1, 2), floats: Float64Array.of(0.5) },
];

const elements: Elements = {
  timestamps: [1, 2],
  values: [
    { user: "a", big: 2n ** 70n, at: new Date(0) },
    { user: "b", big: 1n, at: new Date(1) },
  ],
  changes: ["insert", "delete"],
};

/** What format 4 brought: broadcast state, its marks, and blocks that are for all groups. */
export function withBroadcast(
  { commit, frame, part, inFlight }: ReturnType<typeof persistedMessages>,
  packing: Packing,
): Readonly<Partial<Record<EnvelopeKind, unknown>>> {
  const broadcast: readonly BroadcastDelta[] = [
    {
      stage: "win",
      cells: ["judge/rules", "judge/rates"],
      cell: [0, 0, 1],
      mapKey: ["largest", ["a", 1n], 7],
      committed: [packing.value({ atLeast: 10 }), undefined, 0.5],
    },
  ];
  const broadcastMeta = { ...meta, broadcastMarks: { "in/shardId-000000000000": 2 } };
  const forAll = ({ group: _, ...block }: Block): Block => ({ ...block, input: 1 });
  const { blocks } = commit as CommitBody;
  const kept = (inFlight as readonly Block[]).map(forAll);
  return {
    commit: {
      ...(commit as CommitBody),
      meta: broadcastMeta,
      broadcast,
      blocks: blocks.map(forAll),
    },
    frame: { ...(frame as Frame), speaksFor: [], blocks: blocks.map(forAll) },
    part: { ...(part as Part<SlotMeta>), meta: broadcastMeta, broadcast, pending: kept },
    inFlight: kept,
  };
}

/** What the golden file holds of each kind. */
export function persistedMessages(packing: Packing): Readonly<Record<EnvelopeKind, unknown>> {
  const delta: StateDelta = {
    stage: "win",
    cells: ["windows/windows", "windows/timers"],
    keys: ["SEA", 7, ["a", 1n]],
    key: [0, 1, 2, 0, 0, 0, 0],
    cell: [0, 0, 1, 0, 0, 0, 0],
    mapKey: [10_000, null, "event:soon", 1, 2, 3, 4],
    committed: [12.5, "text", undefined, ...values.map(packing.value)],
  };
  const block = { stage: "win", group: 5, count: 2 };
  const sent: Block = { ...block, elements: packing.sent(elements) };
  const kept: Block = { ...block, elements: packing.kept(elements) };
  const commit: CommitBody = {
    meta,
    deltas: [delta],
    blocks: [sent],
    writes: [
      {
        sink: "rows",
        writes: [
          [0, { kind: "upsert", key: { k: "a" }, row: { k: "a", n: 1 } }],
          [1, { kind: "delete", key: { k: "b" } }],
          [2, { kind: "append", partitionKey: "p", value: { n: 1 } }],
        ],
      },
    ],
    deadLetters: [
      {
        format: 1,
        job: "j",
        slot: "in/0",
        sequence: "4",
        element: 0,
        kind: "undecodable",
        reason: "r",
        payload: "p",
        atMs: 1,
      },
    ],
  };
  const frame: Frame = {
    job: "j",
    generation: 1,
    plan: "0123456789abcdef",
    slot: "in/shardId-000000000000",
    version: 3,
    epoch: 1,
    speaksFor: [[0, 7]],
    blocks: [sent],
  };
  const framePointer: FramePointer = {
    job: "j",
    generation: 1,
    objectKey: "j/1/frames/in/0/3-id",
  };
  const tick: Tick = {
    job: "j",
    generation: 1,
    plan: "0123456789abcdef",
    epoch: 1,
    clockMs: 5,
    watermarks: meta.watermarks,
  };
  const staged = { content: new TextEncoder().encode('{"n":1}\n{"n":2}\n') };
  const part: Part<SlotMeta> = {
    slot: "in/0",
    version: 3,
    nonce: "id1",
    meta,
    segments: [{ key: "j/1/segments/x", bytes: 9 }],
    pending: [kept],
    recorded: [kept, kept],
  };
  return { commit, frame, framePointer, tick, part, segment: [delta], inFlight: [kept], staged };
}
