import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { SavepointsView } from "../../../http/schemas/checkpoints.ts";
import { moment } from "../format/times.ts";
import { pathOf } from "../live/client.ts";
import type { LiveJob } from "../live/live-job.ts";
import { useResource } from "../live/resource.ts";
import { useWish } from "../live/wish.ts";
import { Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { SureButton } from "../parts/sure-button.tsx";

/** Asks for savepoints, and shows what has become of those that were asked for. */
export function Savepoints({ live }: { readonly live: LiveJob }): JSX.Element {
  const path = pathOf("jobs", live.job, "savepoints");
  const asked = useSignal(0);
  const wish = useWish(() => (asked.value += 1));
  const version = `${live.beat.value} ${asked.value}`;
  const { answer } = useResource<SavepointsView>(path, version);
  const status = live.status.value;
  const isRunning = status?.state === "running";
  const open = answer?.requests.filter(({ status }) => status !== "complete") ?? [];
  return (
    <Section title="Savepoints" note="kept until somebody deletes them">
      <div class="form">
        <button type="button" disabled={!isRunning} onClick={() => void wish.ask(path)}>
          Take a savepoint
        </button>
        <SureButton
          text="Stop the job"
          sure="Stop it with a savepoint"
          disabled={!isRunning}
          onSure={() => void wish.ask(pathOf("jobs", live.job, "stop"))}
        />
      </div>
      {wish.problem.value !== undefined && <Problem problem={wish.problem.value} />}
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
