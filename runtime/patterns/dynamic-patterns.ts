import type {
  BroadcastProcessDefinition,
  KeyedBroadcastContext,
} from "../graph/broadcast-functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { OutputTag } from "../graph/output-tag.ts";
import type { MapDeclaration } from "../graph/state-declarations.ts";
import { copyInPassing, copyValue } from "../serde/copy-value.ts";
import { refusePattern } from "./check-stages.ts";
import { type CompiledData, compileData } from "./compile-data.ts";
import { emptyMatch } from "./match-output.ts";
import { matcher as matcherOf, type Matched, type Matcher } from "./matcher.ts";
import type { PatternData, PatternRule } from "./pattern-data.ts";
import { type KeptPattern, keptPattern, plainBuffer } from "./plain-buffer.ts";
import { begunOf, hasAnyBegun, notBegun, type Run } from "./run.ts";
import type { SharedBuffer } from "./shared-buffer.ts";

/** What `broadcast` of the stream of rules is given: each slot keeps all patterns, by their ids. */
export const patternRules: { readonly rules: MapDeclaration<string, PatternData> } = Object.freeze({
  rules: Object.freeze({ kind: "map" }),
});

/** A match of one of the patterns. */
export interface DynamicMatch<T, K extends KeyValue = KeyValue> {
  /** Id of the pattern. */
  readonly pattern: string;
  readonly key: K;
  /** Its elements by the names of the stages, in the order of their times. */
  readonly match: Readonly<Record<string, readonly T[]>>;
}

/** Matches of a key that had begun, and were dropped because there were too many. */
export interface DroppedMatches<K extends KeyValue = KeyValue> {
  readonly pattern: string;
  readonly key: K;
  readonly partialMatches: number;
}

export interface DynamicPatternsOptions<T, K extends KeyValue = KeyValue> {
  /** Stable name of the operator: its state is found under it. */
  readonly uid: string;
  readonly previousUids?: readonly string[];
  /** Of each key and pattern, so many matches may have begun. With one more all that have begun of the pattern are dropped for the key. From 1. Default: 1,000. */
  readonly maxPartialMatches?: number;
  /** Side output for elements at or behind the watermark. Default: they are counted, by the metric `late`, and dropped. */
  readonly lateOutput?: OutputTag<T>;
  /** Side output for what had begun to match when its time was over. Default: it is forgotten. */
  readonly timedOutOutput?: OutputTag<DynamicMatch<T, K>>;
  /** Side output for what was dropped by `maxPartialMatches`. Default: it is counted only, by the metric `dropped`. */
  readonly droppedOutput?: OutputTag<DroppedMatches<K>>;
}

/** Of matches that have begun, for each key and pattern. */
const defaultMax = 1_000;

const metrics = {
  late: { kind: "counter", description: "Elements at or behind the watermark" },
  dropped: { kind: "counter", description: "Matches that had begun, and were too many" },
} as const;

type Rules = typeof patternRules;
type States<T> = {
  readonly waiting: MapDeclaration<number, T[]>;
  readonly matches: MapDeclaration<string, KeptPattern>;
};
type Timers = "due" | "over";
type Context<T, K extends KeyValue> = KeyedBroadcastContext<
  K,
  Rules,
  States<T>,
  Timers,
  DynamicMatch<T, K>,
  unknown,
  typeof metrics
>;
type Definition<T, K extends KeyValue> = BroadcastProcessDefinition<
  T,
  PatternRule,
  K,
  Rules,
  States<T>,
  Timers,
  DynamicMatch<T, K>,
  typeof metrics
>;

/**
 * Looks for patterns that come, change and go while the job runs, in event time. Each element of a key goes through all patterns that are there when the watermark
 * has reached its time. What had begun to match of a pattern that changes or goes is dropped. A rule that is no pattern is a dead letter, and the one before stays.
 * @throws MillraceError `pattern-invalid` where `maxPartialMatches` is no whole number from 1
 * @example logins.keyBy("user").connect(rules.broadcast(patternRules)).process(dynamicPatterns<Login, string>({ uid: "rules" }))
 */
export function dynamicPatterns<T, K extends KeyValue = KeyValue>(
  options: DynamicPatternsOptions<T, K>,
): Definition<T, K> {
  const { uid, previousUids, lateOutput, maxPartialMatches = defaultMax } = options;
  if (!Number.isSafeInteger(maxPartialMatches) || maxPartialMatches < 1)
    refusePattern(
      `The maxPartialMatches of "${uid}" is ${String(maxPartialMatches)}.`,
      "It must be a whole number from 1.",
    );
  const compiled = compiledPatterns();
  return {
    uid,
    ...(previousUids !== undefined && { previousUids }),
    metrics,
    state: { waiting: { kind: "map" }, matches: { kind: "map" } },
    onBroadcastElement({ id, pattern }, { broadcast: { rules } }) {
      if (typeof id !== "string") throw new Error("A rule has no id.");
      if (pattern === undefined || pattern === null) return rules.delete(id);
      compileData(id, pattern);
      rules.set(id, pattern);
    },
    onElement(value, ctx) {
      const { timestampMs, watermarkMs, state, timers } = ctx;
      if (timestampMs <= watermarkMs) {
        ctx.metrics.late.inc();
        if (lateOutput !== undefined) ctx.output(lateOutput, value);
        return;
      }
      const waiting = state.waiting.get(timestampMs);
      // To the state's own list: with a new one all that wait would be copied for each.
      waiting?.push(copyValue(value, `An element that waits in "${uid}"`));
      state.waiting.set(timestampMs, waiting ?? [value]);
      timers.event("due", String(timestampMs)).set(timestampMs);
    },
    onTimer: {
      due(ctx) {
        const { waiting } = ctx.state;
        const values = waiting.get(ctx.timestampMs) ?? [];
        waiting.delete(ctx.timestampMs);
        goOn(ctx, { compiled, options, values });
      },
      over: (ctx) => goOn(ctx, { compiled, options, values: [] }),
    },
  };
}

interface Step<T, K extends KeyValue> {
  readonly compiled: (id: string, data: PatternData) => CompiledData;
  readonly options: DynamicPatternsOptions<T, K>;
  readonly values: readonly T[];
}

/** Takes the key's matches to the time of the timer, and through the elements of that time. */
function goOn<T, K extends KeyValue>(ctx: Context<T, K>, step: Step<T, K>): void {
  const { matches } = ctx.state;
  for (const [id] of matches.entries()) if (!ctx.broadcast.rules.has(id)) matches.delete(id);
  let firstMs = Number.POSITIVE_INFINITY;
  for (const [id, data] of ctx.broadcast.rules.entries()) {
    const rule = { id, ...step.compiled(id, data) };
    firstMs = Math.min(firstMs, goOnWith(ctx, step, rule));
  }
  const over = ctx.timers.event("over");
  if (Number.isFinite(firstMs)) over.set(firstMs);
  else over.clear();
}

type Rule = CompiledData & { readonly id: string };

/** Of one pattern; answers when the first of its matches is over. */
function goOnWith<T, K extends KeyValue>(
  ctx: Context<T, K>,
  { options, values }: Step<T, K>,
  rule: Rule,
): number {
  const { matches } = ctx.state;
  const { id, nfa, signature, afterMatch } = rule;
  const before = matches.get(id);
  // What an earlier version of the pattern had begun means nothing in this one.
  const kept =
    before?.pattern === signature
      ? before
      : keptPattern(signature, [nfa.start.index, notBegun, notBegun, 0, 0]);
  const buffer = plainBuffer(options.uid, kept);
  const matcher = matcherOf(nfa, buffer, afterMatch);
  const told = teller(ctx, rule, options);
  const { matches: found, timedOut } = matcher.advance(kept, ctx.timestampMs);
  told.matched(found);
  for (const { elements } of timedOut) told.timedOut(elements);
  for (const value of values) {
    const element = { value, timestampMs: ctx.timestampMs };
    told.matched(matcher.take(kept, element, holdsOf(ctx, rule, { buffer, value })));
    bound(ctx, { kept, matcher, buffer, rule, options });
  }
  if (hasAnyBegun(kept)) matches.set(id, kept);
  else matches.delete(id);
  return matcher.firstEndMs(kept);
}

function teller<T, K extends KeyValue>(
  ctx: Context<T, K>,
  { id, stages }: Rule,
  { timedOutOutput }: DynamicPatternsOptions<T, K>,
) {
  const result = (elements: Matched): DynamicMatch<T, K> => {
    const match = emptyMatch(stages);
    for (const { stage, value } of elements) match[stage]?.push(copyInPassing(value));
    return { pattern: id, key: ctx.key, match: match as Record<string, T[]> };
  };
  return {
    matched: (found: readonly Matched[]) => found.forEach((elements) => ctx.emit(result(elements))),
    timedOut(elements: Matched): void {
      if (timedOutOutput !== undefined) ctx.output(timedOutOutput, result(elements));
    },
  };
}

interface Holding {
  readonly buffer: SharedBuffer;
  readonly value: unknown;
}

/** Conditions that came as data only read: they are given what is kept. */
function holdsOf<T, K extends KeyValue>(
  { timestampMs, nowMs }: Context<T, K>,
  { stages }: Rule,
  { buffer, value }: Holding,
): Parameters<Matcher["take"]>[2] {
  return (condition, [, node]: Run) =>
    condition(value, {
      timestampMs,
      nowMs,
      get matched() {
        const matched = emptyMatch(stages);
        for (const taken of buffer.elementsOf(node)) matched[taken.stage]?.push(taken.value);
        return matched;
      },
    });
}

interface Bounded<T, K extends KeyValue> {
  readonly kept: KeptPattern;
  readonly matcher: Matcher;
  readonly buffer: SharedBuffer;
  readonly rule: Rule;
  readonly options: DynamicPatternsOptions<T, K>;
}

/** Whoever wrote the pattern is not who runs the job: one that never ends to begin must not take the memory of the others. */
function bound<T, K extends KeyValue>(
  ctx: Context<T, K>,
  { kept, matcher, buffer, rule, options }: Bounded<T, K>,
): void {
  const { maxPartialMatches = defaultMax, droppedOutput } = options;
  const partialMatches = begunOf(kept);
  if (partialMatches <= maxPartialMatches) return;
  kept.open = [matcher.first];
  kept.done = [];
  buffer.clear();
  ctx.metrics.dropped.inc(partialMatches);
  if (droppedOutput !== undefined)
    ctx.output(droppedOutput, { pattern: rule.id, key: ctx.key, partialMatches });
}

const compiledMax = 1_000;

/** Each version of a pattern is compiled once in an environment: what comes of it depends on the data alone. */
function compiledPatterns(): Step<unknown, KeyValue>["compiled"] {
  const known = new WeakMap<PatternData, CompiledData>();
  const byText = new Map<string, CompiledData>();
  return (id, data) => {
    const found = known.get(data);
    if (found !== undefined) return found;
    const text = JSON.stringify([id, data]);
    if (byText.size >= compiledMax) byText.clear();
    const made = byText.get(text) ?? compileData(id, data);
    byText.set(text, made);
    known.set(data, made);
    return made;
  };
}
