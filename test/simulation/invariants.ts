import type { Part } from "../../runtime/checkpoint/part.ts";
import { decodeAppended } from "../../runtime/connectors/record-id.ts";
import { keyText } from "../../runtime/embedded/row-text.ts";
import type { Frame, FramePointer, Tick } from "../../runtime/exchange/frame.ts";
import type { Graph } from "../../runtime/graph/node.ts";
import { objectPrefixes } from "../../runtime/layout/names.ts";
import type { Plan } from "../../runtime/plan/plan.ts";
import type {
  ControlRow,
  KeyedWrite,
  LogName,
  LogRow,
  PutEntry,
} from "../../runtime/ports/index.ts";
import { envelopeKind } from "../../runtime/serde/envelope.ts";
import { firstPositionOfGroup, rangeContains } from "../../runtime/serde/hash-space.ts";
import type { CommitBody } from "../../runtime/slot/image/commit-body.ts";
import type { DeadLetter } from "../../runtime/job/dead-letter.ts";
import { packDeadLetters, unpackDeadLetters } from "../../runtime/job/dead-letter-objects.ts";
import { canonical } from "./shapes/compare.ts";
import { opened } from "./opened.ts";
import type { SimStores } from "./ports/process-ports.ts";
import type { StoreObserver } from "./ports/observer.ts";
import type { SimShard } from "./ports/sim-streams.ts";

/** A committed version of a slot, and what of it is still to be delivered. */
interface Version {
  readonly nonce: string;
  readonly kind: LogRow["kind"];
  readonly meta: CommitBody["meta"];
  /** Packed elements by stage and group. */
  readonly blocks: ReadonlyMap<string, Uint8Array>;
  /** There was something to deliver. */
  readonly sends: boolean;
  readonly outstanding: Set<string>;
}

interface SlotHistory {
  readonly name: string;
  readonly versions: Map<number, Version>;
  head: number;
  /** All versions below it are delivered. */
  undelivered: number;
  isSealed: boolean;
  /** Of the progress row as it stands. */
  partVersion: number;
}

export interface InvariantOptions {
  readonly plan: Plan;
  readonly graph: Graph;
  readonly exchange: string;
  readonly generation: number;
  readonly stores: () => SimStores;
  /** A newer generation is published: what this one still writes is read by nobody. */
  readonly isReplaced: () => boolean;
  /** Whether a version belongs to the job's history: it lies before the cut of the epoch that was restored. */
  readonly isLive: (slot: string, version: number) => boolean;
  readonly report: (violation: string) => void;
}

/**
 * What must hold at every step (docs/protocol.md), checked in the moment in which the simulated stores change. The worth of it is that
 * a broken rule is told where it breaks, and that some never show in results.
 */
export class Invariants implements StoreObserver {
  readonly #options: InvariantOptions;
  readonly #slots = new Map<string, SlotHistory>();
  /** Where each committed write goes: table, key, version and index, and the row as text. */
  readonly #writes = new Map<
    string,
    readonly [text: string, history: SlotHistory, version: number]
  >();
  readonly #deadLetters = new Map<
    string,
    readonly [text: string, history: SlotHistory, version: number]
  >();
  /** Of each committed write of a row, by slot, table, version and index. */
  readonly #placeOfRow = new Map<string, string>();
  /** Writes that tables have refused. */
  readonly #refused = new Set<string>();
  /** Which version wrote an element or timer off. */
  readonly #places = new Map<string, string>();
  /** The highest watermark that any tick said, by stage. */
  readonly #ticked = new Map<string, number>();
  /** Stages that were idle some time: elements that come after that may be late. */
  readonly #wereIdle = new Set<string>();
  readonly #targets = new Map<string, string>();
  /** A newer generation lives. */
  isReplaced = false;
  /** The epoch that the generation was stopped with. */
  #stoppedWith = Number.POSITIVE_INFINITY;
  /** A sleeper of a replaced generation has named what was garbage by then, a row's body or a slot's part: what it sends can't be checked. */
  #hasUnread = false;
  commits = 0;
  takeovers = 0;
  seals = 0;
  overwrites = 0;
  /** Commits that leave timers to the next step. */
  unfinished = 0;

  constructor(options: InvariantOptions) {
    this.#options = options;
    for (const node of options.graph.nodes)
      if (node.kind === "sink") this.#targets.set(node.uid ?? node.name, node.sink.target);
  }

  get slotNames(): readonly string[] {
    return [...this.#slots.keys()];
  }

  /** The slot and version of an object of dead letters. */
  deadLetter(key: string): { readonly slot: string; readonly version: number } | undefined {
    const known = this.#deadLetters.get(key);
    return known === undefined ? undefined : { slot: known[1].name, version: known[2] };
  }

  /** Committed versions that have not been delivered. */
  undelivered(): readonly string[] {
    const found: string[] = [];
    for (const history of this.#slots.values()) {
      for (const [version, { outstanding }] of history.versions)
        if (outstanding.size > 0)
          found.push(`${history.name} v${version}: ${[...outstanding].slice(0, 3).join(", ")}`);
    }
    return found;
  }

  /** How far a slot has read: the last record that it has taken whole. */
  cursorOf(slot: string): number {
    const history = this.#slots.get(slot);
    const { sequence } = history?.versions.get(history.head)?.meta.cursor ?? {};
    return Number(sequence ?? -1);
  }

  /** protocol 6.7: nothing is sent that the savepoint of a stop does not hold. */
  stopped(epoch: number): void {
    this.#stoppedWith = epoch;
    for (const { name, versions } of this.#slots.values())
      for (const [number, version] of versions) this.#checkStopped(name, number, version);
  }

  #checkStopped(slot: string, number: number, { kind, meta, sends }: Version): void {
    if (kind === "commit" && sends && meta.epoch >= this.#stoppedWith)
      this.#break(`${slot} v${number} sends something behind the cut of a stop`);
  }

  /** What a slot has done, in words. */
  describe(slot: string): string {
    const history = this.#slots.get(slot);
    if (history === undefined) return `${slot}: nothing committed`;
    const meta = history.versions.get(history.head)?.meta;
    const watermarks = Object.entries(meta?.watermarks ?? {})
      .map(([stage, { ms, idle }]) => `${stage}=${ms}${idle ? " idle" : ""}`)
      .join(" ");
    return (
      `${slot}: v${history.head}${history.isSealed ? " sealed" : ""}, delivered below ${history.undelivered}, ` +
      `part ${history.partVersion}, cursor ${JSON.stringify(meta?.cursor)}, ${watermarks}`
    );
  }

  appended(log: LogName, row: LogRow, displaced: LogRow | undefined): void {
    const history = this.#historyOf(log.slot);
    const { version, kind } = row;
    if (history.isSealed) this.#break(`${log.slot} v${version} is appended behind the seal`);
    if (history.versions.has(version))
      this.#break(`${log.slot} v${version} is appended twice: the log forks`);
    if (kind === "takeover") this.#checkTakeover(log.slot, history, row);
    else if (version !== history.head + 1)
      this.#break(`${log.slot} v${version} follows v${history.head}`);
    if (displaced !== undefined) {
      this.overwrites += 1;
      if (history.partVersion < displaced.version)
        this.#break(
          `${log.slot} v${version} overwrites v${displaced.version}, but the progress row names a part of v${history.partVersion}`,
        );
    }
    if (history.undelivered <= history.head)
      this.#break(
        `${log.slot} v${version} is appended before v${history.undelivered} is delivered: ${this.#missing(history)}`,
      );
    this.#commit(history, row);
  }

  controlWritten(row: ControlRow, before: ControlRow | undefined): void {
    if (row.partition.endsWith("#progress")) this.#checkProgress(row, before);
  }

  rowWritten(table: string, write: KeyedWrite, applied: boolean): void {
    const place = placeOfWrite(table, write.key, write.order);
    const committed = this.#writes.get(place);
    if (committed === undefined) {
      if (!this.#hasUnread) this.#break(`a write was never committed: ${place}`);
      return;
    }
    const [text, history, version] = committed;
    if (text !== textOfRow(write.row)) this.#break(`a write is not the committed one: ${place}`);
    if (!this.#deliver(history, version, `w ${place}`)) {
      if (applied) this.#break(`a write is applied for a second time: ${place} of ${history.name}`);
      return;
    }
    if (!applied && this.#options.isLive(history.name, version))
      this.#break(`the first delivery of a write finds a newer row: ${place} of ${history.name}`);
  }

  rowRefused(table: string, write: KeyedWrite): void {
    const place = placeOfWrite(table, write.key, write.order);
    if (this.#writes.has(place)) this.#refused.add(place);
    else if (!this.#hasUnread) this.#break(`a write was never committed: ${place}`);
  }

  objectWritten(key: string, data: Uint8Array, before: Uint8Array | undefined): void {
    if (before !== undefined && Buffer.compare(before, data) !== 0)
      this.#break(`object ${key} is written again with other content`);
    if (!key.includes("/dead-letters/")) return;
    const committed = this.#deadLetters.get(key);
    if (committed === undefined) {
      if (!this.#isOfRefused(key, data) && !this.#hasUnread)
        this.#break(`a dead letter was never committed: ${key}`);
      return;
    }
    const [text, history, version] = committed;
    if (text !== Buffer.from(data).toString())
      this.#break(`a dead letter is not the committed one: ${key}`);
    this.#deliver(history, version, `d ${key}`);
  }

  /** protocol 3.4: what a table refuses goes to the dead letters, and is delivered by that. Answers whether these are such letters. */
  #isOfRefused(key: string, data: Uint8Array): boolean {
    const letters = unpackDeadLetters(data);
    for (const letter of letters) {
      const { write, slot, payload } = letter;
      const place = write && this.#placeOfRow.get(rowOfLetter(slot, write));
      const committed = place === undefined ? undefined : this.#writes.get(place);
      if (place === undefined || committed === undefined || write === undefined) return false;
      const [text, history, version] = committed;
      if (!this.#refused.has(place))
        this.#break(`no table has refused what is written off: ${place}`);
      if (write.kind === "upsert" && canonical(JSON.parse(payload)) !== canonical(JSON.parse(text)))
        this.#break(`what is written off is not the committed write: ${place}`);
      this.#deadLetters.set(key, [Buffer.from(data).toString(), history, version]);
      this.#deliver(history, version, `w ${place}`);
    }
    return letters.length > 0;
  }

  objectDeleted(key: string): void {
    const { log, control, objects } = this.#options.stores();
    if (Number(key.split("/")[1]) === this.#options.generation)
      for (const row of log.rows()) if (row.bodyKey === key) this.#break(`body ${key} is deleted`);
    for (const { value } of control.list(
      `${this.#options.plan.job}#${this.#options.generation}#progress`,
    )) {
      const { part } = value as { readonly part?: { readonly key: string } };
      if (part === undefined) continue;
      if (part.key === key) this.#break(`part ${key} is deleted although a progress row names it`);
      const data = objects.get(part.key);
      if (data === undefined) continue;
      const { segments } = opened<Part<unknown>>("part", data);
      if (segments.some((segment) => segment.key === key))
        this.#break(`segment ${key} is deleted although a live part names it`);
    }
  }

  landed(stream: string, shard: SimShard, entry: PutEntry): void {
    if (stream === this.#options.exchange) this.#landedInExchange(shard, entry);
    else if (
      this.#options.plan.sinks.some(({ target, type }) => type === "kinesis" && target === stream)
    )
      this.#landedInSink(stream, entry);
  }

  resharded(): void {}

  #landedInExchange(shard: SimShard, { data }: PutEntry): void {
    const kind = envelopeKind(data);
    if (kind === "tick") this.#ticks(opened<Tick>(kind, data));
    else if (kind === "frame") this.#frame(shard, opened<Frame>(kind, data));
    else if (kind === "framePointer") {
      const { objectKey } = opened<FramePointer>(kind, data);
      const object = this.#options.stores().objects.get(objectKey);
      if (object === undefined) this.#break(`frame object ${objectKey} is not there`);
      else this.#frame(shard, opened<Frame>("frame", object));
    } else this.#break(`a record of the exchange is ${kind ?? "nothing that is known"}`);
  }

  #landedInSink(stream: string, { data }: PutEntry): void {
    const appended = decodeAppended(JSON.parse(Buffer.from(data).toString()));
    if (appended === undefined) {
      this.#break(`a record in ${stream} has no id`);
      return;
    }
    const { slot, version, index } = appended.id;
    const place = `${slot.slice(slot.indexOf("/") + 1)} ${stream} ${version} ${index}`;
    const committed = this.#writes.get(place);
    if (committed === undefined) {
      if (!this.#hasUnread) this.#break(`an appended record was never committed: ${place}`);
      return;
    }
    const [text, history] = committed;
    if (text !== JSON.stringify(appended.value))
      this.#break(`an appended record is not the committed one: ${place}`);
    this.#deliver(history, version, `a ${place}`);
  }

  #ticks({ watermarks }: Tick): void {
    for (const [stage, { ms }] of Object.entries(watermarks))
      this.#ticked.set(stage, Math.max(ms, this.#ticked.get(stage) ?? Number.NEGATIVE_INFINITY));
  }

  #frame(shard: SimShard, frame: Frame): void {
    const { plan } = this.#options;
    const history = this.#slots.get(frame.slot);
    const committed = history?.versions.get(frame.version);
    if (history === undefined || committed === undefined || committed.kind === "seal") {
      if (!this.#hasUnread)
        this.#break(`a frame of ${frame.slot} v${frame.version} was never committed`);
      return;
    }
    const owns = (group: number): boolean =>
      rangeContains(shard, firstPositionOfGroup(group, plan.maxParallelism));
    const carried = new Set<string>();
    for (const block of frame.blocks) {
      const place = `${block.stage}/${block.group}`;
      carried.add(place);
      const elements = committed.blocks.get(place);
      if (elements === undefined || Buffer.compare(elements, block.elements) !== 0)
        this.#break(`block ${place} of ${frame.slot} v${frame.version} is not the committed one`);
      if (!owns(block.group)) continue;
      if (this.#deliver(history, frame.version, `b ${place}`) && block.count > 0)
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
      if (!owns(group)) continue;
      if (frame.speaksFor.some(([first, last]) => first <= group && group <= last))
        this.#break(
          `a frame of ${frame.slot} v${frame.version} speaks for group ${group}, whose block it lacks`,
        );
    }
  }

  /** protocol 4.7: a tick must not be put before what it speaks of is delivered. */
  #checkNotOvertaken(history: SlotHistory, version: number, target: string): void {
    const said = this.#ticked.get(target);
    if (said === undefined || said === Number.NEGATIVE_INFINITY) return;
    const stage = this.#options.plan.stages.find(({ id }) => id === target);
    const before = history.versions.get(version - 1)?.meta.watermarks ?? {};
    for (const upstream of stage?.upstream ?? []) {
      if (this.#wereIdle.has(upstream) || !this.#runs(history.name, upstream)) continue;
      const own = before[upstream]?.ms ?? Number.NEGATIVE_INFINITY;
      if (own < said)
        this.#break(
          `a tick says ${said} for ${target}, but ${history.name} sends it elements with v${version}, and had ${own} before`,
        );
    }
  }

  #runs(slot: string, id: string): boolean {
    const stage = this.#options.plan.stages.find((candidate) => candidate.id === id);
    return slot.startsWith(`${stage?.kind === "exchange" ? "exchange" : stage?.source}/`);
  }

  #checkTakeover(slot: string, history: SlotHistory, { version, epoch }: LogRow): void {
    if (history.head !== 0)
      this.#break(`${slot} takes over at v${version}, but has v${history.head}`);
    const [prefix = "", shardId = ""] = slot.split("/");
    const { plan, exchange, stores } = this.#options;
    const stream =
      prefix === "exchange" ? exchange : plan.sources.find(({ uid }) => uid === prefix)?.stream;
    const shard = stores().streams.shard(stream ?? "", shardId);
    for (const parentId of shard.parents) {
      const parent = this.#slots.get(`${prefix}/${parentId}`);
      if (parent?.isSealed !== true)
        this.#break(`${slot} takes over from ${parentId}, which is not sealed`);
      else if (parent.head >= version)
        this.#break(`${slot} takes over at v${version}, not above v${parent.head} of ${parentId}`);
      else if (epoch < (parent.versions.get(parent.head)?.meta.epoch ?? 0))
        this.#break(`${slot} takes over at epoch ${epoch}, and ${parentId} was further`);
      else if (parent.undelivered <= parent.head)
        this.#break(
          `${slot} takes over before ${parentId} has delivered: ${this.#missing(parent)}`,
        );
    }
  }

  #commit(history: SlotHistory, row: LogRow): void {
    const bytes =
      row.body ??
      (row.bodyKey === undefined ? undefined : this.#options.stores().objects.get(row.bodyKey));
    if (bytes === undefined) {
      if (!this.#options.isReplaced())
        this.#break(`the body of ${history.name} v${row.version} is not there`);
      this.#hasUnread = true;
      return;
    }
    const body = opened<CommitBody>("commit", bytes);
    if (body.meta.version !== row.version)
      this.#break(`${history.name} v${row.version} has the body of v${body.meta.version}`);
    const { version, kind, nonce } = row;
    const outstanding = new Set<string>();
    const blocks = new Map<string, Uint8Array>();
    for (const { stage, group, elements } of body.blocks) {
      blocks.set(`${stage}/${group}`, elements);
      outstanding.add(`b ${stage}/${group}`);
    }
    for (const { sink, writes } of body.writes) {
      const target = this.#targets.get(sink) ?? sink;
      for (const [index, write] of writes) {
        const isAppend = write.kind === "append";
        const place = isAppend
          ? `${history.name} ${target} ${version} ${index}`
          : placeOfWrite(target, write.key, {
              generation: this.#options.generation,
              version,
              index,
            });
        const text = isAppend
          ? JSON.stringify(write.value)
          : textOfRow(write.kind === "upsert" ? write.row : undefined);
        if (this.#writes.has(place)) this.#break(`two commits write ${place}`);
        this.#writes.set(place, [text, history, version]);
        if (!isAppend)
          this.#placeOfRow.set(rowOfLetter(history.name, { target, version, index }), place);
        outstanding.add(`${isAppend ? "a" : "w"} ${place}`);
      }
    }
    for (const letter of body.deadLetters) this.#checkPlace(history, version, letter);
    const { generation } = this.#options;
    const prefix = objectPrefixes.deadLetters({
      job: this.#options.plan.job,
      generation,
      slot: history.name,
    });
    const nameOf = (index: number): string => `${prefix}${version}-${index}.jsonl`;
    for (const { key, data } of packDeadLetters(body.deadLetters, nameOf)) {
      this.#deadLetters.set(key, [Buffer.from(data).toString(), history, version]);
      outstanding.add(`d ${key}`);
    }
    for (const [stage, { idle }] of Object.entries(body.meta.watermarks))
      if (idle) this.#wereIdle.add(stage);
    this.#checkWatermarks(history, kind, body.meta);
    this.#checkMarks(history, body.meta);
    if (kind === "takeover") this.#checkInherited(history, body.meta);
    const sends = outstanding.size > 0;
    const committed = { nonce, kind, meta: body.meta, blocks, sends, outstanding };
    this.#checkStopped(history.name, version, committed);
    history.versions.set(version, committed);
    if (history.head === 0) history.undelivered = version;
    history.head = version;
    history.isSealed = kind === "seal";
    this.commits += 1;
    if (kind === "takeover") this.takeovers += 1;
    if (body.meta.firing !== undefined) this.unfinished += 1;
    if (history.isSealed) this.seals += 1;
    this.#advance(history);
  }

  /** protocol 8.1: an element or timer is written off once. */
  #checkPlace(history: SlotHistory, version: number, letter: DeadLetter): void {
    const { slot, sequence, element, timer } = letter;
    const place = JSON.stringify([slot, sequence, element, timer]);
    const known = this.#places.get(place);
    const now = `v${version} of ${history.name}`;
    if (known !== undefined) this.#break(`${known} and ${now} both hold dead letter ${place}`);
    this.#places.set(place, now);
  }

  #checkWatermarks(history: SlotHistory, kind: LogRow["kind"], meta: CommitBody["meta"]): void {
    const before = history.versions.get(history.head)?.meta.watermarks ?? {};
    for (const [stage, { ms }] of Object.entries(before)) {
      const now = meta.watermarks[stage]?.ms ?? Number.NEGATIVE_INFINITY;
      if (now < ms)
        this.#break(`the watermark of ${stage} in ${history.name} goes back from ${ms} to ${now}`);
    }
    if (kind !== "commit") return;
    // protocol 4.7: only ticks of the generation raise the watermark of an exchange stage.
    for (const { id } of this.#options.plan.stages.filter((stage) => stage.kind === "exchange")) {
      const { ms } = meta.watermarks[id] ?? { ms: Number.NEGATIVE_INFINITY };
      const known = Math.max(
        before[id]?.ms ?? Number.NEGATIVE_INFINITY,
        this.#ticked.get(id) ?? Number.NEGATIVE_INFINITY,
      );
      if (ms > known)
        this.#break(`${history.name} has watermark ${ms} for ${id}, and no tick said so`);
    }
  }

  /** protocol 4.3: marks are searched in the order of their groups. */
  #checkMarks({ name }: SlotHistory, { version, marks }: CommitBody["meta"]): void {
    for (const [sender, ranges] of Object.entries(marks))
      if (ranges.some(([first], at) => at > 0 && first <= ranges[at - 1]![1]))
        this.#break(`${name} v${version} has marks of ${sender} that are not in order`);
  }

  /** protocol 5.1: no parent of a source's child was behind what the child begins with. */
  #checkInherited({ name }: SlotHistory, { source }: CommitBody["meta"]): void {
    if (source === undefined) return;
    for (const parent of this.#parentsOf(name)) {
      const known = parent?.versions.get(parent.head)?.meta.source;
      if ((known?.maxTimestampMs ?? Number.NEGATIVE_INFINITY) < source.maxTimestampMs)
        this.#break(`${name} begins at ${source.maxTimestampMs}, ahead of ${parent?.name}`);
    }
  }

  #parentsOf(slot: string): readonly (SlotHistory | undefined)[] {
    const [prefix = "", shardId = ""] = slot.split("/");
    const { plan, exchange, stores } = this.#options;
    const stream =
      prefix === "exchange" ? exchange : plan.sources.find(({ uid }) => uid === prefix)?.stream;
    return stores()
      .streams.shard(stream ?? "", shardId)
      .parents.map((parentId) => this.#slots.get(`${prefix}/${parentId}`));
  }

  #checkProgress(row: ControlRow, before: ControlRow | undefined): void {
    if (this.#hasUnread) return;
    const now = row.value as unknown as WrittenProgress;
    const old = before?.value as unknown as WrittenProgress | undefined;
    const history = this.#historyOf(row.sort);
    if (history.head === 0 && now.version === 1 && this.#options.generation > 1)
      this.#restored(history, now);
    if (this.#hasUnread) return;
    if (now.version > history.head)
      this.#break(`${row.sort} shows v${now.version}, but v${history.head} is the last one`);
    if (history.undelivered <= now.version && history.head > 0 && now.version > 0)
      this.#break(
        `${row.sort} shows v${now.version} before v${history.undelivered} is delivered: ${this.#missing(history)}`,
      );
    if (now.sealed && !history.isSealed) this.#break(`${row.sort} shows a seal that is not there`);
    const isNamed = now.part !== undefined && now.part.key !== old?.part?.key;
    if (now.part !== undefined && isNamed && !this.#options.isReplaced())
      this.#checkPart(row.sort, { part: now.part, version: now.version, before: old?.part?.key });
    history.partVersion = now.part?.version ?? 0;
    if (old === undefined) return;
    if ((now.part?.version ?? 0) < (old.part?.version ?? 0))
      this.#break(
        `the progress row of ${row.sort} goes back from a part of v${old.part?.version} to v${now.part?.version}`,
      );
    if (now.version < old.version)
      this.#break(
        `the progress row of ${row.sort} goes back from v${old.version} to v${now.version}`,
      );
    if ((old.sealed && !now.sealed) || (old.ended && !now.ended))
      this.#break(`the progress row of ${row.sort} takes a seal or an end back`);
    for (const [stage, [ms]] of Object.entries(old.watermarks)) {
      const risen = now.watermarks[stage]?.[0];
      if (msOf(risen) < msOf(ms))
        this.#break(`the progress row of ${row.sort} takes ${stage} back from ${ms} to ${risen}`);
    }
  }

  /** A slot of a restored generation begins with a part, at a version that no row of its log stands for. */
  #restored(history: SlotHistory, { part }: WrittenProgress): void {
    const data = part === undefined ? undefined : this.#options.stores().objects.get(part.key);
    if (data === undefined) {
      // A row of a restore that was given up, and arrives when what it names is garbage: nobody reads it (protocol 6.8).
      this.#hasUnread = this.#options.isReplaced();
      if (this.#hasUnread) return;
      this.#break(`${history.name} is restored from a part that is not there`);
      return;
    }
    const { meta } = opened<Part<CommitBody["meta"]>>("part", data);
    history.versions.set(1, {
      nonce: "",
      kind: "commit",
      meta,
      blocks: new Map(),
      sends: false,
      outstanding: new Set(),
    });
    history.head = 1;
    history.undelivered = 2;
  }

  #checkPart(
    slot: string,
    { part, version, before }: { part: PartName; version: number; before: string | undefined },
  ): void {
    const { objects } = this.#options.stores();
    const segmentsOf = (data: Uint8Array): Part<unknown>["segments"] =>
      opened<Part<unknown>>("part", data).segments;
    if (part.version > version) this.#break(`${slot} v${version} names a part of v${part.version}`);
    // Zombies of a generation that was replaced may name what went with it: nobody reads these rows.
    if (this.isReplaced) return;
    const data = objects.get(part.key);
    if (data === undefined) {
      this.#break(`${slot} names part ${part.key}, which is not there`);
      return;
    }
    const own = part.key.replace("/parts/", "/segments/");
    const known = before === undefined ? undefined : objects.get(before);
    const named = known === undefined ? undefined : segmentsOf(known).map(({ key }) => key);
    for (const { key } of segmentsOf(data)) {
      if (objects.get(key) === undefined) this.#break(`segment ${key} is not there`);
      // protocol 6.8: what nothing named until now may have been garbage.
      if (key !== own && named?.includes(key) === false)
        this.#break(`${slot} names a part of v${part.version}, whose segment ${key} was not named`);
    }
  }

  /** Notes that something of a version has arrived; answers whether it is for the first time. */
  #deliver(history: SlotHistory, version: number, what: string): boolean {
    const committed = history.versions.get(version);
    if (committed?.outstanding.delete(what) !== true) return false;
    if (history.undelivered < version)
      this.#break(
        `${history.name} v${version} is delivered before v${history.undelivered}: ${this.#missing(history)}`,
      );
    this.#advance(history);
    return true;
  }

  #advance(history: SlotHistory): void {
    while (
      history.undelivered <= history.head &&
      (history.versions.get(history.undelivered)?.outstanding.size ?? 0) === 0
    )
      history.undelivered += 1;
  }

  #missing({ versions, undelivered }: SlotHistory): string {
    return [...(versions.get(undelivered)?.outstanding ?? [])].slice(0, 3).join(", ");
  }

  #historyOf(slot: string): SlotHistory {
    let history = this.#slots.get(slot);
    if (history === undefined) {
      history = {
        name: slot,
        versions: new Map(),
        head: 0,
        undelivered: 1,
        isSealed: false,
        partVersion: 0,
      };
      this.#slots.set(slot, history);
    }
    return history;
  }

  #break(violation: string): void {
    this.#options.report(`invariant: ${violation}`);
  }
}

interface PartName {
  readonly key: string;
  readonly version: number;
}

interface WrittenProgress {
  readonly version: number;
  readonly sealed: boolean;
  readonly ended: boolean;
  readonly part?: PartName;
  readonly watermarks: Readonly<Record<string, readonly [ms: number | "none" | "end"]>>;
}

function msOf(written: number | "none" | "end" | undefined): number {
  if (written === undefined || written === "none") return Number.NEGATIVE_INFINITY;
  return written === "end" ? Number.POSITIVE_INFINITY : written;
}

function placeOfWrite(table: string, key: KeyedWrite["key"], order: KeyedWrite["order"]): string {
  return `${table} ${keyText(key)} ${order.version} ${order.index}`;
}

function rowOfLetter(
  slot: string,
  {
    target,
    version,
    index,
  }: Pick<NonNullable<DeadLetter["write"]>, "target" | "version" | "index">,
): string {
  return `${slot} ${target} ${version} ${index}`;
}

function textOfRow(row: KeyedWrite["row"]): string {
  return row === undefined ? "gone" : JSON.stringify(row);
}
