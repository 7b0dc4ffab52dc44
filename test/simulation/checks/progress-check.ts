import type { Part } from "../../../runtime/checkpoint/part.ts";
import type { ControlRow } from "../../../runtime/ports/index.ts";
import type { CommitBody } from "../../../runtime/slot/image/commit-body.ts";
import { opened } from "../opened.ts";
import { type GenerationRecord, missingOf, type SlotHistory } from "./generation-record.ts";

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

/** Progress rows show what is delivered, name parts that are there, and never go back (protocol 3.5). */
export class ProgressCheck {
  readonly #record: GenerationRecord;

  constructor(record: GenerationRecord) {
    this.#record = record;
  }

  written(row: ControlRow, before: ControlRow | undefined): void {
    const record = this.#record;
    if (record.hasUnread) return;
    const now = row.value as unknown as WrittenProgress;
    const old = before?.value as unknown as WrittenProgress | undefined;
    const history = record.historyOf(row.sort);
    if (history.head === 0 && now.version === 1 && record.options.generation > 1)
      this.#restored(history, now);
    if (record.hasUnread) return;
    this.#checkShown(history, now);
    const isNamed = now.part !== undefined && now.part.key !== old?.part?.key;
    if (now.part !== undefined && isNamed && !record.options.isReplaced())
      this.#checkPart(row.sort, { part: now.part, version: now.version, before: old?.part?.key });
    // protocol 6.8: a sleeper of a replaced generation may write a row anew that was collected; what was named before it covered more.
    const collected = record.options.isReplaced() && old === undefined ? history.partVersion : 0;
    history.partVersion = Math.max(collected, now.part?.version ?? 0);
    if (old !== undefined) this.#checkForwards(row.sort, now, old);
  }

  #checkShown(history: SlotHistory, now: WrittenProgress): void {
    const { name, head, undelivered, isSealed } = history;
    if (now.version > head)
      this.#record.break(`${name} shows v${now.version}, but v${head} is the last one`);
    if (undelivered <= now.version && head > 0 && now.version > 0)
      this.#record.break(
        `${name} shows v${now.version} before v${undelivered} is delivered: ${missingOf(history)}`,
      );
    if (now.sealed && !isSealed) this.#record.break(`${name} shows a seal that is not there`);
  }

  #checkForwards(slot: string, now: WrittenProgress, old: WrittenProgress): void {
    const record = this.#record;
    if ((now.part?.version ?? 0) < (old.part?.version ?? 0))
      record.break(
        `the progress row of ${slot} goes back from a part of v${old.part?.version} to v${now.part?.version}`,
      );
    if (now.version < old.version)
      record.break(`the progress row of ${slot} goes back from v${old.version} to v${now.version}`);
    if ((old.sealed && !now.sealed) || (old.ended && !now.ended))
      record.break(`the progress row of ${slot} takes a seal or an end back`);
    for (const [stage, [ms]] of Object.entries(old.watermarks)) {
      const risen = now.watermarks[stage]?.[0];
      if (msOf(risen) < msOf(ms))
        record.break(`the progress row of ${slot} takes ${stage} back from ${ms} to ${risen}`);
    }
  }

  /** A slot of a restored generation begins with a part, at a version that no row of its log stands for. */
  #restored(history: SlotHistory, { part }: WrittenProgress): void {
    const record = this.#record;
    const { stores, isReplaced } = record.options;
    const data = part === undefined ? undefined : stores().objects.get(part.key);
    if (data === undefined) {
      // A row of a restore that was given up, and arrives when what it names is garbage: nobody reads it (protocol 6.8).
      record.hasUnread = isReplaced();
      if (!record.hasUnread)
        record.break(`${history.name} is restored from a part that is not there`);
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
    const record = this.#record;
    const { objects } = record.options.stores();
    if (part.version > version)
      record.break(`${slot} v${version} names a part of v${part.version}`);
    const data = objects.get(part.key);
    if (data === undefined) {
      record.break(`${slot} names part ${part.key}, which is not there`);
      return;
    }
    const own = part.key.replace("/parts/", "/segments/");
    const known = before === undefined ? undefined : objects.get(before);
    const named = known === undefined ? undefined : segmentsOf(known).map(({ key }) => key);
    for (const { key } of segmentsOf(data)) {
      if (objects.get(key) === undefined) record.break(`segment ${key} is not there`);
      // protocol 6.8: what nothing named until now may have been garbage.
      if (key !== own && named?.includes(key) === false)
        record.break(
          `${slot} names a part of v${part.version}, whose segment ${key} was not named`,
        );
    }
  }
}

export function segmentsOf(part: Uint8Array): Part<unknown>["segments"] {
  return opened<Part<unknown>>("part", part).segments;
}

function msOf(written: number | "none" | "end" | undefined): number {
  if (written === undefined || written === "none") return Number.NEGATIVE_INFINITY;
  return written === "end" ? Number.POSITIVE_INFINITY : written;
}
