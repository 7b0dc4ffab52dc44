import type { ServedStore } from "../http/served-store.ts";
import type { OpenStore } from "./open-store.ts";

/** What the API would serve of one job. */
export const servedStore = ({ ports }: OpenStore, job: string): ServedStore => ({
  ports,
  jobs: async () => [job],
  allowWrites: false,
});
