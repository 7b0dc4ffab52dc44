import type { Manifest } from "../checkpoint/manifest.ts";
import { otherRows } from "../layout/names.ts";
import type { ControlRow, Ports } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";

/** How long a restore keeps garbage collection from the epoch that it reads. */
const holdMs = 3_600_000;

interface Hold {
  readonly manifest: string;
  readonly untilMs: number;
}

/** protocol 6.8: a restore writes a hold on its manifest before it looks whether it is still there. */
export async function holdManifest(
  ports: Ports,
  manifest: string,
  read: () => Promise<Manifest>,
): Promise<Manifest> {
  const [job = ""] = manifest.split("/");
  const hold: Hold = { manifest, untilMs: ports.clock.nowMs() + holdMs };
  await ports.control.put(
    {
      partition: otherRows.holds(job),
      sort: ports.random.id(),
      rank: 1,
      value: toControlValue(hold),
    },
    { kind: "always" },
  );
  return await read();
}

/** Rows of holds that are over: nobody is kept from anything by them. */
export async function expiredHolds(
  { control, clock }: Pick<Ports, "control" | "clock">,
  job: string,
): Promise<readonly ControlRow[]> {
  const rows = await control.list(otherRows.holds(job));
  const nowMs = clock.nowMs();
  return rows.filter((row) => fromControlValue<Hold>(row).untilMs <= nowMs);
}

/** Manifests that somebody is reading. */
export async function heldManifests(ports: Ports, job: string): Promise<ReadonlySet<string>> {
  const rows = await ports.control.list(otherRows.holds(job));
  const holds = rows.map((row) => fromControlValue<Hold>(row));
  const nowMs = ports.clock.nowMs();
  return new Set(holds.filter(({ untilMs }) => untilMs > nowMs).map(({ manifest }) => manifest));
}
