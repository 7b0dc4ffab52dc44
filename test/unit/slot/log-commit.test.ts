import { expect, test } from "vitest";
import type { Telemetry } from "../../../runtime/ports/index.ts";
import { driver, slotWorld } from "../../integration/slot-world.ts";
import { someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

type Detail = Parameters<Telemetry["log"]>[2];

test("a record is followed by its number from its source's commit to the commit that writes what came of it", async () => {
  const lines: Detail[] = [];
  const telemetry: Telemetry = {
    count: () => {},
    alarm: () => {},
    log: (level, message, detail) =>
      level === "debug" && message === "committed" ? void lines.push(detail) : undefined,
  };
  const world = await slotWorld(visitsJob(), { ports: { telemetry } });
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  await world.put("visits", someVisits(40, { users: 5 }), (visit: Visit) => visit.user);
  const round = world.coordinator(() => environment);
  for (let rounds = 0; rounds < 6; rounds++) {
    while (await feed.pump());
    world.clock.advance(300);
    await Promise.all((await round()).invocations);
  }
  const [record] = await world.records("visits", "shardId-000000000000");
  const source = lines.find((line) => line?.["first"] === record!.sequence);
  expect(source).toMatchObject({ version: 1, records: 40 });
  expect(source!["sentBlocks"]).toBeGreaterThan(0);
  const sent = `${String(source!["slot"])}@${String(source!["version"])}`;
  const taking = lines.find((line) => (line?.["of"] as string[] | undefined)?.includes(sent));
  expect(taking).toMatchObject({ frames: 1 });
  const written = lines.filter((line) => line?.["slot"] === taking!["slot"] && line?.["written"]);
  expect(written.length).toBeGreaterThan(0);
  const versions = lines
    .filter((line) => line?.["slot"] === taking!["slot"])
    .map((line) => line!["version"]);
  expect(versions).toEqual(versions.map((_, at) => at + 1));
});
