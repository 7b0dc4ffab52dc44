import type { LogName, LogRow } from "../../../runtime/ports/index.ts";
import type { CommitBody } from "../../../runtime/slot/image/commit-body.ts";
import { opened } from "../opened.ts";
import type { ExchangeCheck } from "./exchange-check.ts";
import {
  advance,
  type GenerationRecord,
  missingOf,
  placeOfBlock,
  type SlotHistory,
  type Version,
} from "./generation-record.ts";
import type { OutputCheck } from "./output-check.ts";

/** A log never forks, its versions follow each other, and each is delivered before the next is appended (protocol 3 and 5). */
export class LogCheck {
  readonly #record: GenerationRecord;
  readonly #outputs: OutputCheck;
  readonly #exchange: ExchangeCheck;
  /** The epoch that the generation was stopped with. */
  #stoppedWith = Number.POSITIVE_INFINITY;
  commits = 0;
  takeovers = 0;
  seals = 0;
  overwrites = 0;
  /** Commits that leave timers to the next step. */
  unfinished = 0;

  constructor(record: GenerationRecord, outputs: OutputCheck, exchange: ExchangeCheck) {
    this.#record = record;
    this.#outputs = outputs;
    this.#exchange = exchange;
  }

  /** protocol 6.7: nothing is sent that the savepoint of a stop does not hold. */
  stopped(epoch: number): void {
    this.#stoppedWith = epoch;
    for (const { name, versions } of this.#record.slots)
      for (const [number, version] of versions) this.#checkStopped(name, number, version);
  }

  #checkStopped(slot: string, number: number, { kind, meta, sends }: Version): void {
    if (kind === "commit" && sends && meta.epoch >= this.#stoppedWith)
      this.#record.break(`${slot} v${number} sends something behind the cut of a stop`);
  }

  appended(log: LogName, row: LogRow, displaced: LogRow | undefined): void {
    const record = this.#record;
    const { slot } = log;
    const history = record.historyOf(slot);
    const { version, kind } = row;
    if (history.isSealed) record.break(`${slot} v${version} is appended behind the seal`);
    if (history.versions.has(version))
      record.break(`${slot} v${version} is appended twice: the log forks`);
    if (kind === "takeover") this.#checkTakeover(history, row, log);
    else if (version !== history.head + 1)
      record.break(`${slot} v${version} follows v${history.head}`);
    if (displaced !== undefined) {
      this.overwrites += 1;
      if (history.partVersion < displaced.version)
        record.break(
          `${slot} v${version} overwrites v${displaced.version}, but the progress row names a part of v${history.partVersion}`,
        );
    }
    if (history.undelivered <= history.head)
      record.break(
        `${slot} v${version} is appended before v${history.undelivered} is delivered: ${missingOf(history)}`,
      );
    const body = this.#bodyOf(history, row);
    if (body !== undefined) this.#commit(history, row, body);
  }

  #checkTakeover({ name, head }: SlotHistory, { version, epoch }: LogRow, log: LogName): void {
    const record = this.#record;
    if (head !== 0) record.break(`${name} takes over at v${version}, but has v${head}`);
    const parents = record.parentsOf(name);
    for (const [at, parentId] of record.parentIdsOf(name).entries()) {
      const parent = parents[at];
      if (record.isCollected({ ...log, slot: `${name.slice(0, name.indexOf("/"))}/${parentId}` }))
        continue;
      if (parent?.isSealed !== true)
        record.break(`${name} takes over from ${parentId}, which is not sealed`);
      else if (parent.head >= version)
        record.break(`${name} takes over at v${version}, not above v${parent.head} of ${parentId}`);
      else if (epoch < (parent.versions.get(parent.head)?.meta.epoch ?? 0))
        record.break(`${name} takes over at epoch ${epoch}, and ${parentId} was further`);
      else if (parent.undelivered <= parent.head)
        record.break(`${name} takes over before ${parentId} has delivered: ${missingOf(parent)}`);
    }
  }

  #bodyOf({ name }: SlotHistory, row: LogRow): CommitBody | undefined {
    const record = this.#record;
    const { stores, isReplaced } = record.options;
    const bytes =
      row.body ?? (row.bodyKey === undefined ? undefined : stores().objects.get(row.bodyKey));
    if (bytes === undefined) {
      if (!isReplaced()) record.break(`the body of ${name} v${row.version} is not there`);
      record.hasUnread = true;
      return undefined;
    }
    const body = opened<CommitBody>("commit", bytes);
    if (body.meta.version !== row.version)
      record.break(`${name} v${row.version} has the body of v${body.meta.version}`);
    return body;
  }

  #commit(history: SlotHistory, { version, kind, nonce }: LogRow, body: CommitBody): void {
    const { meta } = body;
    const outstanding = new Set<string>();
    const blocks = new Map<string, Uint8Array>();
    for (const block of body.blocks) {
      const place = placeOfBlock(block);
      blocks.set(place, block.elements);
      outstanding.add(`b ${place}`);
      if (kind === "takeover" && block.count > 0)
        this.#record.break(`${history.name} takes over and sends ${place} ${block.count} elements`);
    }
    for (const output of this.#outputs.committed(history, version, body)) outstanding.add(output);
    this.#exchange.checkWatermarks(history, kind, meta);
    this.#checkMarks(history, meta);
    if (kind === "takeover") this.#checkInherited(history, meta);
    const committed = { nonce, kind, meta, blocks, sends: outstanding.size > 0, outstanding };
    this.#checkStopped(history.name, version, committed);
    history.versions.set(version, committed);
    if (history.head === 0) history.undelivered = version;
    history.head = version;
    history.isSealed = kind === "seal";
    this.commits += 1;
    if (kind === "takeover") this.takeovers += 1;
    if (meta.firing !== undefined) this.unfinished += 1;
    if (history.isSealed) this.seals += 1;
    advance(history);
  }

  /** protocol 4.3: marks are searched in the order of their groups. */
  #checkMarks({ name }: SlotHistory, { version, marks }: CommitBody["meta"]): void {
    for (const [sender, ranges] of Object.entries(marks))
      if (ranges.some(([first], at) => at > 0 && first <= ranges[at - 1]![1]))
        this.#record.break(`${name} v${version} has marks of ${sender} that are not in order`);
  }

  /** protocol 5.1: no parent of a source's child was behind what the child begins with. */
  #checkInherited({ name }: SlotHistory, { source }: CommitBody["meta"]): void {
    if (source === undefined) return;
    for (const parent of this.#record.parentsOf(name)) {
      const known = parent?.versions.get(parent.head)?.meta.source;
      if ((known?.maxTimestampMs ?? Number.NEGATIVE_INFINITY) < source.maxTimestampMs)
        this.#record.break(`${name} begins at ${source.maxTimestampMs}, ahead of ${parent?.name}`);
      const { watermarkMs = Number.NEGATIVE_INFINITY } = known?.generator ?? {};
      if (source.generator !== undefined && watermarkMs < source.generator.watermarkMs)
        this.#record.break(`The generator of ${name} begins ahead of that of ${parent?.name}`);
    }
  }
}
