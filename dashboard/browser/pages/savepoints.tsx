import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Problem as ProblemView } from "../../../http/schemas/common.ts";
import type { SavepointsView } from "../../../http/schemas/checkpoints.ts";
import { moment } from "../format/times.ts";
import { ApiProblem, ask, pathOf } from "../live/client.ts";
import type { LiveJob } from "../live/live-job.ts";
import { useResource } from "../live/resource.ts";
import { Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";

/** Asks for savepoints, and shows what has become of those that were asked for. */
export function Savepoints({ live }: { readonly live: LiveJob }): JSX.Element {
  const path = pathOf("jobs", live.job, "savepoints");
  const asked = useSignal(0);
  const problem = useSignal<ProblemView | undefined>(undefined);
  const version = `${live.beat.value} ${asked.value}`;
  const { answer } = useResource<SavepointsView>(path, version);
  const status = live.status.value;
  const takeOne = async (): Promise<void> => {
    try {
      await ask(path);
      problem.value = undefined;
      asked.value += 1;
    } catch (thrown) {
      if (!(thrown instanceof ApiProblem)) throw thrown;
      problem.value = thrown.problem;
    }
  };
  const open = answer?.requests.filter(({ status }) => status !== "complete") ?? [];
  return (
    <Section title="Savepoints" note="kept until somebody deletes them">
      <div class="form">
        <button type="button" disabled={status?.state !== "running"} onClick={() => void takeOne()}>
          Take a savepoint
        </button>
      </div>
      {problem.value !== undefined && <Problem problem={problem.value} />}
      {open.map(({ id, kind, status: come, askedMs, reason }) => (
        <p key={id} role="status">
          <code>{id}</code> {kind}, asked for at {moment(askedMs, status?.atMs ?? askedMs)}:{" "}
          <span class={come === "failed" ? "bad" : "warn"}>
            {come === "asked" ? "under way" : come}
          </span>
          {reason !== undefined && ` (${reason})`}
        </p>
      ))}
    </Section>
  );
}
