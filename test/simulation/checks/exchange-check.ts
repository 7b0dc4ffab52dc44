import type { Frame, FramePointer, Tick } from "../../../runtime/exchange/frame.ts";
import type { LogRow, PutEntry } from "../../../runtime/ports/index.ts";
import { envelopeKind } from "../../../runtime/serde/envelope.ts";
import { firstPositionOfGroup, rangeContains } from "../../../runtime/serde/hash-space.ts";
import type { CommitBody } from "../../../runtime/slot/image/commit-body.ts";
import { opened } from "../opened.ts";
import type { SimShard } from "../ports/sim-streams.ts";
import {
  type GenerationRecord,
  placeOfBlock,
  type SlotHistory,
  type Version,
} from "./generation-record.ts";

const never = Number.NEGATIVE_INFINITY;

/** Frames hold what was committed and speak only for what they carry, and no tick overtakes them (protocol 4). */
export class ExchangeCheck {
  readonly #record: GenerationRecord;
  /** The highest watermark that any tick said, by stage. */
  readonly #ticked = new Map<string, number>();
  /** Stages that were idle some time: elements that come after that may be late. */
  readonly #wereIdle = new Set<string>();

  constructor(record: GenerationRecord) {
    this.#record = record;
  }

  landed(shard: SimShard, { data }: PutEntry): void {
    const { stores } = this.#record.options;
    const kind = envelopeKind(data);
    if (kind === "tick") this.#ticks(opened<Tick>(kind, data));
    else if (kind === "frame") this.#frame(shard, opened<Frame>(kind, data));
    else if (kind === "framePointer") {
      const { objectKey } = opened<FramePointer>(kind, data);
      const object = stores().objects.get(objectKey);
      if (object === undefined) this.#record.break(`frame object ${objectKey} is not there`);
      else this.#frame(shard, opened<Frame>("frame", object));
    } else this.#record.break(`a record of the exchange is ${kind ?? "nothing that is known"}`);
  }

  /** Watermarks never go back, and only ticks of the generation raise that of an exchange stage (protocol 4.7). */
  checkWatermarks(history: SlotHistory, kind: LogRow["kind"], meta: CommitBody["meta"]): void {
    for (const [stage, { idle }] of Object.entries(meta.watermarks))
      if (idle) this.#wereIdle.add(stage);
    const before = history.versions.get(history.head)?.meta.watermarks ?? {};
    for (const [stage, { ms }] of Object.entries(before)) {
      const now = meta.watermarks[stage]?.ms ?? never;
      if (now < ms)
        this.#record.break(
          `the watermark of ${stage} in ${history.name} goes back from ${ms} to ${now}`,
        );
    }
    if (kind !== "commit") return;
    for (const { id, kind: stageKind } of this.#record.options.plan.stages) {
      if (stageKind !== "exchange") continue;
      const { ms } = meta.watermarks[id] ?? { ms: never };
      if (ms > Math.max(before[id]?.ms ?? never, this.#ticked.get(id) ?? never))
        this.#record.break(`${history.name} has watermark ${ms} for ${id}, and no tick said so`);
    }
  }

  #ticks({ watermarks }: Tick): void {
    for (const [stage, { ms }] of Object.entries(watermarks))
      this.#ticked.set(stage, Math.max(ms, this.#ticked.get(stage) ?? never));
  }

  #frame(shard: SimShard, frame: Frame): void {
    const record = this.#record;
    const { plan } = record.options;
    const history = record.find(frame.slot);
    const committed = history?.versions.get(frame.version);
    if (history === undefined || committed === undefined || committed.kind === "seal") {
      if (!record.hasUnread)
        record.break(`a frame of ${frame.slot} v${frame.version} was never committed`);
      return;
    }
    const owns = (group: number): boolean =>
      rangeContains(shard, firstPositionOfGroup(group, plan.maxParallelism));
    const carried = new Set<string>();
    for (const block of frame.blocks) {
      const place = placeOfBlock(block);
      carried.add(place);
      const elements = committed.blocks.get(place);
      if (elements === undefined || Buffer.compare(elements, block.elements) !== 0)
        record.break(`block ${place} of ${frame.slot} v${frame.version} is not the committed one`);
      if (block.group !== undefined && !owns(block.group)) continue;
      if (record.deliver(history, frame.version, `b ${place}`) && block.count > 0)
        this.#checkNotOvertaken(history, frame.version, block.stage);
    }
    this.#checkSpeaksFor(frame, committed, { carried, owns });
  }

  /** protocol 4.1: what a frame speaks for must be in it, or have landed before. */
  #checkSpeaksFor(
    frame: Frame,
    { blocks, outstanding }: Version,
    { carried, owns }: { carried: ReadonlySet<string>; owns: (group: number) => boolean },
  ): void {
    for (const place of blocks.keys()) {
      if (carried.has(place) || !outstanding.has(`b ${place}`)) continue;
      const group = Number(place.slice(place.lastIndexOf("/") + 1));
      // What is for all of them is not spoken for (protocol 4.9).
      if (Number.isNaN(group) || !owns(group)) continue;
      if (frame.speaksFor.some(([first, last]) => first <= group && group <= last))
        this.#record.break(
          `a frame of ${frame.slot} v${frame.version} speaks for group ${group}, whose block it lacks`,
        );
    }
  }

  /** protocol 4.7: a tick must not be put before what it speaks of is delivered. */
  #checkNotOvertaken(history: SlotHistory, version: number, target: string): void {
    const said = this.#ticked.get(target);
    if (said === undefined || said === never) return;
    const stage = this.#record.options.plan.stages.find(({ id }) => id === target);
    const before = history.versions.get(version - 1)?.meta.watermarks ?? {};
    for (const upstream of stage?.upstream ?? []) {
      if (this.#wereIdle.has(upstream) || !this.#runs(history.name, upstream)) continue;
      const own = before[upstream]?.ms ?? never;
      if (own < said)
        this.#record.break(
          `a tick says ${said} for ${target}, but ${history.name} sends it elements with v${version}, and had ${own} before`,
        );
    }
  }

  #runs(slot: string, id: string): boolean {
    const stage = this.#record.options.plan.stages.find((candidate) => candidate.id === id);
    return slot.startsWith(`${stage?.kind === "exchange" ? "exchange" : stage?.source}/`);
  }
}
