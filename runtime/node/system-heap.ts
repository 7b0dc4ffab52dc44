import { totalmem } from "node:os";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread, resourceLimits } from "node:worker_threads";
import type { Heap, HeapUse } from "../ports/environment.ts";

export interface SystemHeapOptions {
  /** What the whole process may take, in bytes. Default: the memory of the machine, or of the container. */
  readonly memoryBytes?: number;
  /** Threads that share it, each with a heap of its own. Default: 1. */
  readonly threads?: number;
}

const mebibyte = 1_048_576;
/** What a Node process takes besides its heap: its own code, stacks, sockets. */
const processBytes = 64 * mebibyte;
/** Of little memory the heap is granted so much even so, */
const leastShare = 0.5;
/** and of a small heap its old generation. */
const leastOldShare = 0.25;

/**
 * The heap of this thread. Two limits count, and what is measured is the one that is nearer: V8's for objects, and the memory of the
 * process for objects and buffers together.
 */
export function systemHeap(options: SystemHeapOptions = {}): Heap {
  const { memoryBytes = memoryOfMachine(), threads = 1 } = options;
  const roomBytes = Math.max(memoryBytes * leastShare, memoryBytes - processBytes) / threads;
  const youngBytes = youngGenerationBytes();
  return {
    measure() {
      const {
        used_heap_size: usedBytes,
        heap_size_limit: heapBytes,
        external_memory: buffersBytes,
      } = getHeapStatistics();
      const limitBytes = Math.max(heapBytes * leastOldShare, heapBytes - youngBytes);
      return fuller(
        { usedBytes, limitBytes },
        { usedBytes: usedBytes + buffersBytes, limitBytes: roomBytes },
      );
    },
    collect: () => {
      collector ??= garbageCollector();
      collector();
    },
  };
}

function fuller(one: HeapUse, other: HeapUse): HeapUse {
  return one.usedBytes / one.limitBytes >= other.usedBytes / other.limitBytes ? one : other;
}

/** Room of V8's limit that is for new objects alone: what stays alive must fit into the rest. */
function youngGenerationBytes(): number {
  const options = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].join(" ");
  const given = /--max[-_]semi[-_]space[-_]size[= ](\d+)/.exec(options)?.[1];
  // A thread is told what it has; a process can't ask.
  const told = isMainThread ? undefined : resourceLimits.maxYoungGenerationSizeMb;
  const semiSpace = Number(given ?? (told ?? defaultYoungMebibytes) / semiSpacesOfYoung);
  // V8 rounds it up: of 8 MiB that a thread is granted it makes 12.
  return semiSpacesOfYoung * 2 ** Math.ceil(Math.log2(semiSpace)) * mebibyte;
}

const semiSpacesOfYoung = 3;
/** Of Node 24 and later, and of Node 22. */
const defaultYoungMebibytes = Number.parseInt(process.versions.node) >= 24 ? 192 : 48;

/** A container's limit is a huge number, or 0, where there is none. */
function memoryOfMachine(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

let collector: (() => void) | undefined;

/** V8 gives its collector to contexts that are made while the flag is set; no process needs to be started with it. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  setFlagsFromString("--no-expose-gc");
  return collect;
}
