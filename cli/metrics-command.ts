import { metricsOf } from "../http/metrics/metrics-view.ts";
import { nameOf, prometheusText } from "../http/metrics/prometheus-text.ts";
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
        measured.map((one) => ({
          type: "metric",
          name: nameOf(name, one),
          kind: type,
          labels: one.labels,
          value: one.value,
        })),
      ),
      text: prometheusText(metrics).trimEnd().split("\n"),
    };
  });
}
