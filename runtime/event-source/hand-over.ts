import type { StreamRecord } from "../ports/index.ts";
import { pauseMs } from "../retry/retry.ts";
import type {
  BatchOutcome,
  DiscardCondition,
  Invocation,
  MappingOptions,
} from "./mapping-options.ts";

/** Part of a batch that is to be handed over. */
interface Piece {
  readonly records: readonly StreamRecord[];
  /** Invocations that it has had and that failed. */
  readonly failures: number;
}

/**
 * Hands a batch over until every record of it has succeeded or was given up, always the earliest first
 * (https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html). A mapping that is stopped leaves the rest.
 */
export async function handOver<Result>(
  options: MappingOptions<Result>,
  shardId: string,
  batch: readonly StreamRecord[],
): Promise<void> {
  const { tuning, clock, random, isStopped } = options;
  const pieces: Piece[] = [{ records: batch, failures: 0 }];
  while (!isStopped()) {
    const piece = pieces.shift();
    if (piece === undefined) break;
    const { young, expired } = byAge(options, piece.records);
    if (expired.length > 0) {
      await giveUp(options, { shardId, records: expired, condition: "RecordAgeExceeded", piece });
      pieces.unshift({ ...piece, records: young });
      continue;
    }
    if (piece.records.length === 0) continue;
    const { outcome, result } = await invokeOnce(options, { shardId, records: piece.records });
    if (outcome.kind === "succeeded") continue;
    const next = afterFailure(options, piece, outcome);
    if (next === "give up") {
      const records = piece.records;
      await giveUp(options, {
        shardId,
        records,
        condition: "RetryAttemptsExhausted",
        piece,
        result,
      });
      continue;
    }
    pieces.unshift(...next);
    await clock.sleep(pauseMs(tuning.retry, piece.failures + 1, random));
  }
  if (!isStopped() && random.fraction() < tuning.redeliveryFraction)
    await invokeOnce(options, { shardId, records: batch, isRedelivery: true });
}

/** What is left to do of a piece that failed. */
function afterFailure<Result>(
  { settings }: MappingOptions<Result>,
  { records, failures }: Piece,
  outcome: Exclude<BatchOutcome, { readonly kind: "succeeded" }>,
): readonly Piece[] | "give up" {
  const { maximumRetryAttempts, bisectBatchOnFunctionError } = settings;
  // The checkpoint moved: another record is the first now, and it has all its attempts. With bisection this is where it is cut.
  if (outcome.kind === "failed-from" && outcome.index > 0)
    return [{ records: records.slice(outcome.index), failures: 0 }];
  if (bisectBatchOnFunctionError && outcome.kind === "failed" && records.length > 1) {
    const half = Math.ceil(records.length / 2);
    // A split does not count as a retry.
    return [
      { records: records.slice(0, half), failures },
      { records: records.slice(half), failures },
    ];
  }
  if (maximumRetryAttempts >= 0 && failures >= maximumRetryAttempts) return "give up";
  return [{ records, failures: failures + 1 }];
}

/** Records that became too old while they were retried, or before. */
function byAge<Result>(
  { settings, clock }: MappingOptions<Result>,
  records: readonly StreamRecord[],
): { readonly young: readonly StreamRecord[]; readonly expired: readonly StreamRecord[] } {
  const maxAgeSeconds = settings.maximumRecordAgeSeconds;
  if (maxAgeSeconds < 0) return { young: records, expired: [] };
  const oldestMs = clock.nowMs() - maxAgeSeconds * 1_000;
  const first = records.findIndex(({ arrivalMs }) => arrivalMs >= oldestMs);
  const count = first === -1 ? records.length : first;
  return { young: records.slice(count), expired: records.slice(0, count) };
}

interface HandedOver {
  readonly shardId: string;
  readonly records: readonly StreamRecord[];
  readonly isRedelivery?: boolean;
}

async function invokeOnce<Result>(
  { clock, invoke, onInvocation, onError }: MappingOptions<Result>,
  { shardId, records, isRedelivery = false }: HandedOver,
): Promise<Invocation<Result | undefined>> {
  const iteratorAgeMs = Math.max(0, clock.nowMs() - (records.at(-1) as StreamRecord).arrivalMs);
  let invocation: Invocation<Result | undefined> = {
    outcome: { kind: "failed" },
    result: undefined,
  };
  try {
    invocation = await invoke(shardId, records);
  } catch (thrown) {
    onError?.(thrown);
  }
  const succeeded = invocation.outcome.kind === "succeeded";
  onInvocation?.({ shardId, records: records.length, iteratorAgeMs, succeeded, isRedelivery });
  return invocation;
}

interface GivenUp<Result> {
  readonly shardId: string;
  readonly records: readonly StreamRecord[];
  readonly condition: DiscardCondition;
  readonly piece: Piece;
  readonly result?: Result | undefined;
}

/** The destination is tried until it takes what was given up: nothing is dropped in silence. */
async function giveUp<Result>(
  options: MappingOptions<Result>,
  given: GivenUp<Result>,
): Promise<void> {
  const { onFailure, onError, clock, tuning, isStopped } = options;
  const { shardId, records, condition, piece, result } = given;
  const invocations = piece.failures + (result === undefined ? 0 : 1);
  while (onFailure !== undefined && !isStopped()) {
    try {
      return await onFailure({
        shardId,
        records,
        condition,
        invocations,
        ...(result !== undefined && { result }),
      });
    } catch (thrown) {
      onError?.(thrown);
      await clock.sleep(tuning.retry.pauseMaxMs);
    }
  }
}
