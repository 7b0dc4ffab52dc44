import type { JSX } from "preact";
import type { JobStatusView } from "../../../http/schemas/job.ts";

const looks: Readonly<Record<JobStatusView["state"], string>> = {
  "not started": "soft state-hollow",
  running: "good",
  stopping: "warn",
  draining: "warn",
  stopped: "soft",
  cancelled: "bad state-hollow",
  finished: "good state-hollow",
};

export function State({ state }: Pick<JobStatusView, "state">): JSX.Element {
  return <span class={`state ${looks[state]}`}>{state}</span>;
}
