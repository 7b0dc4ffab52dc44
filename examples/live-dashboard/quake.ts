import * as z from "zod/mini";

/** An earthquake, or what a seismograph took for one, as it stands in the stream. */
export const Quake = z.object({
  /** Of the network that reported it. */
  id: z.string(),
  /** In ms since 1970. */
  timeMs: z.int(),
  kind: z.string(),
  magnitude: z.number(),
  depthKm: z.number(),
  place: z.string(),
  /** State or country. */
  region: z.string(),
});

export type Quake = z.infer<typeof Quake>;

/** Classes that a chart can tell apart. */
export function strengthOf({ magnitude }: Pick<Quake, "magnitude">): string {
  if (magnitude < 2) return "below 2";
  return magnitude < 4 ? "2 to 4" : "4 and above";
}
