import type { InputItem } from "../input/input-item.ts";
import type { DeadLetter } from "../runtime/job/dead-letter.ts";
import { packDeadLetters } from "../runtime/job/dead-letter-objects.ts";
import { noteRefusedInput } from "../runtime/job/refused-input.ts";
import { objectPrefixes } from "../runtime/layout/names.ts";
import type { Ports } from "../runtime/ports/index.ts";

export interface RefusedInputOptions {
  readonly ports: Pick<Ports, "objects" | "control" | "clock">;
  readonly job: string;
  readonly generation: number;
  readonly stream: string;
  /** Sets those of this run apart from those of another, where the same input may not come again. Default: "". */
  readonly run?: string;
  /** So many were refused in runs that this one is set apart from. Default: 0. */
  readonly before?: number;
}

/** Keeps what of an input can't become a record with the dead letters of the job; again, where the input is read again. */
export function refusedInput(options: RefusedInputOptions) {
  const { ports, job, generation, stream, run = "", before = 0 } = options;
  const slot = `input/${stream}`;
  let count = 0;
  return async ({ file, line, text }: InputItem, reason: string): Promise<void> => {
    const name = `${objectPrefixes.deadLetters({ job, generation, slot })}${run}${numbered(count++)}`;
    const isCut = text.length > payloadMaxCharacters;
    const letter: DeadLetter = {
      format: 1,
      job,
      slot,
      sequence: `${file}:${line}`,
      element: 0,
      kind: "undecodable",
      reason,
      payload: isCut ? text.slice(0, payloadMaxCharacters) : text,
      ...(isCut && { cut: ["payload"] }),
      atMs: ports.clock.nowMs(),
    };
    for (const { key, data } of packDeadLetters([letter], () => `${name}.jsonl`))
      await ports.objects.put(key, data);
    await noteRefusedInput(ports, { job, stream, count: before + count });
  };
}

/** Of what is far too long, its beginning tells what it is. */
const payloadMaxCharacters = 65_536;
const digits = 9;
const numbered = (count: number): string => String(count).padStart(digits, "0");
