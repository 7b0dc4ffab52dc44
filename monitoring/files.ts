import { stringify } from "yaml";
import { alertGroups } from "./alert-rules.ts";
import { dashboard } from "./dashboard.ts";

const lineMax = 110;

/** Files of this folder that are made, by their names. */
export const files: Readonly<Record<string, () => string>> = {
  "grafana-dashboard.json": () => `${JSON.stringify(dashboard(), undefined, 2)}\n`,
  "alert-rules.yaml": () => stringify(alertGroups, { lineWidth: lineMax }),
};
