import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { here } from "../live/here.ts";
import { type LiveJob, liveJob } from "../live/live-job.ts";
import { type PageName, pages, type Route } from "../live/route.ts";
import { Checkpoints } from "../pages/checkpoints.tsx";
import { DeadLetters } from "../pages/dead-letters.tsx";
import { GraphPage } from "../pages/graph.tsx";
import { Jobs } from "../pages/jobs.tsx";
import { Overview } from "../pages/overview.tsx";
import { Results } from "../pages/results.tsx";
import { StatePage } from "../pages/state.tsx";
import { Timeline } from "../pages/timeline.tsx";
import { Head } from "./head.tsx";

export interface PageProps {
  readonly live: LiveJob;
  readonly route: Route & { readonly job: string };
}

const bodies: Readonly<Record<PageName, (props: PageProps) => JSX.Element>> = {
  "": Overview,
  graph: GraphPage,
  checkpoints: Checkpoints,
  timeline: Timeline,
  deadletters: DeadLetters,
  state: StatePage,
  results: Results,
};

export function Console(): JSX.Element {
  const { job } = here.value;
  return job === undefined ? <Jobs /> : <JobFrame key={job} job={job} />;
}

function JobFrame({ job }: { readonly job: string }): JSX.Element {
  const live = useMemo(() => liveJob(job), []);
  useEffect(() => live.close, []);
  const route = { ...here.value, job };
  const Body = bodies[route.page];
  const { title } = pages.find(({ page }) => page === route.page)!;
  useEffect(() => {
    document.title = `${title} · ${job} · Millrace`;
  }, [title, job]);
  return (
    <>
      <Head live={live} route={route} />
      <main tabIndex={-1} aria-label={title}>
        <Body live={live} route={route} />
      </main>
    </>
  );
}
