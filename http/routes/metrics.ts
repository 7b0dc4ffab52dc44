import * as z from "zod/mini";
import { metricsOf } from "../metrics/metrics-view.ts";
import { prometheusText, prometheusType } from "../metrics/prometheus-text.ts";
import { getText, type Route } from "../route.ts";

export const metricRoutes: readonly Route[] = [
  getText({
    path: "/metrics",
    summary: "Metrics of all jobs, in Prometheus' text format",
    answerSchema: z.string(),
    answer: async ({ store }) =>
      new Response(prometheusText(await metricsOf(store)), {
        headers: { "content-type": prometheusType, "cache-control": "no-store" },
      }),
  }),
];
