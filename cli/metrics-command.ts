import { metricsOf } from "../http/metrics-view.ts";
import { prometheusText } from "../http/prometheus-text.ts";
import { withJob } from "./checkpoint-command.ts";
import type { MetricsGiven } from "./commands/metrics.ts";
import { servedStore } from "./served-store.ts";
import { storeOptions } from "./store-options.ts";

/** `millrace metrics`. Answers the exit code. */
export async function metricsCommand({ values }: MetricsGiven): Promise<number> {
  return await withJob(storeOptions(values), async (store, job) => {
    const metrics = await metricsOf(servedStore(store, job));
    return {
      json: metrics.flatMap(({ name, type, measured }) =>
        measured.map(({ labels, value }) => ({ type: "metric", name, kind: type, labels, value })),
      ),
      text: prometheusText(metrics).trimEnd().split("\n"),
    };
  });
}
