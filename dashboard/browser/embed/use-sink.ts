import { useEffect, useState } from "preact/hooks";
import type { PlanView } from "../../../http/schemas/plan.ts";
import { ApiProblem, read } from "../live/client.ts";

type Sink = PlanView["sinks"][number];

/** What a job says of one of its tables, or why that is not known. */
export interface FoundSink {
  readonly sink?: Sink;
  readonly fault?: string;
}

/** A job that has not begun, or that nobody serves at present, may come. */
const againAfterMs = 5_000;

/** What the job at an address says of a table; it is asked until it answers. */
export function useSink(job: string, table: string): FoundSink {
  const [found, setFound] = useState<FoundSink>({});
  useEffect(() => {
    const leaving = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        setFound(sinkIn(await read<PlanView>(`${job}/plan`, leaving.signal), table));
      } catch (thrown) {
        if (leaving.signal.aborted) return;
        setFound({ fault: faultOf(thrown, job) });
        timer = setTimeout(() => void ask(), againAfterMs);
      }
    };
    void ask();
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [job, table]);
  return found;
}

function sinkIn({ sinks }: PlanView, table: string): FoundSink {
  const tables = sinks.filter(({ keyFields }) => keyFields.length > 0);
  const sink = tables.find(({ target }) => target === table);
  if (sink !== undefined) return { sink };
  const names = tables.map(({ target }) => target).join(", ");
  return {
    fault: `The job has no view "${table}"; ${names === "" ? "it has none" : `there are ${names}`}.`,
  };
}

/** A browser doesn't tell a page what hindered a request to elsewhere. */
const faultOf = (thrown: unknown, job: string): string =>
  thrown instanceof ApiProblem
    ? thrown.message
    : `Nothing was answered at ${job}: nobody serves it, or it allows this page's origin nothing.`;
