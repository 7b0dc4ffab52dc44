import { migratorsOf } from "../../../runtime/planner/migrators-of.ts";
import type { KeyValue, StreamEnvironment } from "../../../runtime/index.ts";
import { compileStage } from "../../../runtime/operators/compile-stage.ts";
import { Subtask } from "../../../runtime/operators/subtask.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { compareStates } from "../../../runtime/plan/compare-states.ts";
import { savedStatesOf } from "../../../runtime/plan/saved-states.ts";
import { packMessage, unpackMessage } from "../../../runtime/serde/msgpack.ts";
import { migrateDelta } from "../../../runtime/state/migrate-delta.ts";
import type { StateDelta } from "../../../runtime/state/state-delta.ts";
import { graphOf } from "../plan/fixture/jobs.ts";

/** The keyed stages of a job, each in a subtask of its own. What their sinks get is collected by uid of the sink. */
export function stagesOfJob(build: (env: StreamEnvironment) => void) {
  const graph = graphOf(build);
  const plan = buildPlan(graph);
  const results: (readonly [sink: string, value: unknown])[] = [];
  const subtasks = new Map<string, Subtask>();
  for (const stage of plan.stages) {
    if (stage.kind === "source") continue;
    const subtask = new Subtask(stage, () => 0);
    subtask.inputs = compileStage({
      graph,
      stage,
      subtask,
      outlets: {
        send: () => ({ push: () => undefined, copies: true }),
        sink:
          ({ uid = "" }) =>
          (value: unknown) =>
            void results.push([uid, value]),
        metrics: () => ({ received: 0, late: 0 }),
        call: () => undefined,
        job: { name: "job", slot: "slot", maxParallelism: 16 },
        resource: () => {
          throw new Error("There is none.");
        },
      },
    });
    subtasks.set(stage.id, subtask);
  }
  return {
    graph,
    plan,
    subtasks,
    feed(key: KeyValue, value: unknown, timestampMs: number): void {
      for (const subtask of subtasks.values()) subtask.take(key, value, timestampMs, "insert");
    },
    advance(watermarkMs: number): void {
      for (const subtask of subtasks.values()) subtask.advance(watermarkMs, () => true);
    },
    /** Commits; answers the whole state of every stage as it travels. */
    save(): readonly StateDelta[] {
      return Array.from(subtasks.values(), ({ state }) => {
        state.prepare();
        state.accept();
        return unpackMessage(packMessage(state.snapshot())) as StateDelta;
      });
    },
    take: () => results.splice(0),
  };
}

type Stages = ReturnType<typeof stagesOfJob>;

/** Lets a job go on from what another one kept. */
export function restore(from: Stages, into: Stages, allowNonRestoredState = false): void {
  // As JSON, which is how a checkpoint keeps it.
  const saved = JSON.parse(JSON.stringify(savedStatesOf(from.plan))) as never;
  const mapping = compareStates(saved, into.plan, { allowNonRestoredState });
  const migrators = migratorsOf(into.graph);
  for (const delta of from.save())
    for (const migrated of migrateDelta(delta, mapping, migrators))
      into.subtasks.get(migrated.stage)?.state.apply(migrated);
}
