import { messageOf } from "../runtime/errors/millrace-error.ts";
import { UserCodeFailure } from "../runtime/operators/contract.ts";
import { stateJson } from "../runtime/savepoints/index.ts";
import type { Difference } from "../runtime/slot/replay/differences.ts";
import type { ReplayedBatch } from "../runtime/slot/replay/replay-batch.ts";
import type { Answer } from "./answer.ts";

const shownMax = 20;
const valueMax = 200;

export interface Compared {
  readonly slot: string;
  readonly differences: readonly Difference[];
}

/** What a replay has given, for people and for programs. */
export function replayAnswer(replayed: ReplayedBatch, { slot, differences }: Compared): Answer {
  const { records, nowMs, before, body, committed } = replayed;
  const { version } = body.meta;
  const failures = replayed.failures.map(failureOf);
  const came = {
    stateChanges: body.deltas.reduce((sum, { key }) => sum + key.length, 0),
    sent: body.blocks.reduce((sum, { count }) => sum + count, 0),
    writes: body.writes.reduce((sum, { writes }) => sum + writes.length, 0),
    deadLetters: body.deadLetters.length,
  };
  const about = committed === undefined ? "is not committed" : "is committed";
  const shown = differences.slice(0, shownMax);
  return {
    json: {
      type: "replay",
      slot,
      version,
      committed: committed !== undefined,
      records: records.length,
      clockMs: nowMs,
      ...before,
      ...came,
      failures,
      differences: differences.map(({ about: place, committed: was, replayed: is }) => ({
        about: place,
        committed: stateJson(was),
        replayed: stateJson(is),
      })),
    },
    text: [
      `version ${version} of slot ${slot} ${about}: ${records.length} record${records.length === 1 ? "" : "s"}, before it ${before.keys} keys with ${before.stateBytes} bytes of state; the clock stands at ${new Date(nowMs).toISOString()}`,
      `  ${came.stateChanges} changes of state, ${came.sent} elements sent, ${came.writes} writes, ${came.deadLetters} dead letters`,
      ...failures.flatMap(({ operator, place, error }) => [
        `  ${operator} fails at ${place}:`,
        ...error.split("\n").map((line) => `    ${line}`),
      ]),
      ...(committed === undefined
        ? []
        : [
            differences.length === 0
              ? "  all of it is what was committed"
              : `  ${differences.length} differences from what was committed:`,
          ]),
      ...shown.flatMap(({ about: place, committed: was, replayed: is }) => [
        `    ${place}`,
        `      committed ${textOf(was)}`,
        `      now       ${textOf(is)}`,
      ]),
      ...(differences.length > shownMax ? [`    and ${differences.length - shownMax} more`] : []),
    ],
  };
}

function failureOf({
  error,
  sequence,
  element,
  atStart,
  atEnd,
}: ReplayedBatch["failures"][number]) {
  const cause = UserCodeFailure.is(error) ? error.cause : error;
  return {
    operator: UserCodeFailure.is(error) ? (error.site?.operator ?? error.operator) : "the job",
    place:
      atStart === true || atEnd
        ? "a timer that no record releases"
        : `record ${sequence}, element ${element}`,
    error: cause instanceof Error ? (cause.stack ?? messageOf(cause)) : messageOf(cause),
  };
}

const textOf = (value: unknown): string =>
  value === undefined ? "nothing" : JSON.stringify(stateJson(value)).slice(0, valueMax);
