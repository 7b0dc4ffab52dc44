import { describe, expect, test } from "vitest";
import { runCoordinator } from "../../../runtime/coordinator/coordinator.ts";
import { defaultCoordinatorSettings } from "../../../runtime/coordinator/options.ts";
import { readTableKeys } from "../../../runtime/observe/table-keys.ts";
import { storeError } from "../../../runtime/errors/millrace-error.ts";
import type { ExistingKey, SourceControl, Telemetry } from "../../../runtime/ports/index.ts";
import { jobStatus } from "../../../runtime/observe/job-status.ts";
import { statusLines } from "../../../cli/status-text.ts";
import { slotWorld } from "../../integration/slot-world.ts";
import { visitsJob } from "../../integration/visits-job.ts";
import { patienceMs } from "../../patience.ts";

interface Said {
  readonly alarms: readonly (readonly [code: string, detail: unknown])[];
  readonly warnings: readonly string[];
  readonly asked: readonly string[];
}

async function makeWorld(
  answer: (table: string) => Promise<ExistingKey>,
  sourceControl?: SourceControl,
) {
  const said = {
    alarms: [] as [string, unknown][],
    warnings: [] as string[],
    asked: [] as string[],
  };
  const telemetry: Telemetry = {
    count() {},
    alarm: (code, detail) => void said.alarms.push([code, detail]),
    log: (level, message) => void (level === "warn" && said.warnings.push(message)),
  };
  const world = await slotWorld(visitsJob(), { ports: { telemetry } });
  const lead = (lifeMs: number) =>
    runCoordinator({
      job: {
        ...world.runtime,
        names: { ...world.runtime.names, tables: { counts: "counts-1a2b" } },
      },
      invoker: { invoke: async () => {} },
      settings: { ...defaultCoordinatorSettings, tickIntervalMs: 1_000, quietMs: lifeMs },
      ...(sourceControl && { sourceControl }),
      tableSchemas: {
        keyOf: (table) => {
          said.asked.push(table);
          return answer(table);
        },
      },
      deadlineMs: world.clock.nowMs() + lifeMs,
    });
  const status = async () => statusLines(await jobStatus(world.ports, "visits"));
  return { world, lead, status, said: said as Said };
}

const user = { name: "user", type: "string" } as const;
const startMs = { name: "startMs", type: "number" } as const;
const right = async (table: string): Promise<ExistingKey> =>
  table === "totals" ? [startMs] : [user, startMs];
const countsWrong = async (table: string): Promise<ExistingKey> =>
  table === "counts-1a2b" ? [user] : await right(table);

describe("tables that are there", () => {
  test("are compared with the rows' keys when a leader begins, and once a minute, by their names in the store", async () => {
    const { lead, said } = await makeWorld(right);
    expect(await lead(30_000)).toBe("deadline");
    expect(said.asked).toEqual(["counts-1a2b", "sessions", "totals"]);
    await lead(150_000);
    expect(said.asked).toHaveLength(3 + 3 * 3);
    expect(said.alarms).toEqual([]);
  });

  test("are alarmed about where their key is another, and the status says so until it is mended", async () => {
    let keyOf = countsWrong;
    const { world, lead, said, status } = await makeWorld((table) => keyOf(table));
    await lead(30_000);
    const fault = expect.stringMatching(
      /its key is \(user string\), .* rows is \(user, startMs\)/,
    ) as string;
    const next = expect.stringContaining("Make the table anew") as string;
    expect(said.alarms).toEqual([
      ["table-key-mismatch", { sink: "counts", table: "counts-1a2b", fault, next }],
    ]);
    expect(await status()).toContainEqual(
      expect.stringMatching(/sink counts: the table "counts-1a2b" can't hold its rows: its key/),
    );
    keyOf = right;
    await lead(30_000);
    expect(await readTableKeys(world.ports, "visits")).toEqual([]);
    expect((await status()).join("\n")).not.toContain("can't hold");
    expect(said.alarms).toHaveLength(1);
  });

  test("that can't be asked cost no round, and don't take back what was found", async () => {
    let keyOf = countsWrong;
    const { world, lead, said } = await makeWorld((table) => keyOf(table));
    await lead(30_000);
    keyOf = async () => {
      throw storeError("store-access-denied", { message: "DescribeTable was denied." });
    };
    expect(await lead(90_000)).toBe("deadline");
    expect(said.warnings).toContain("a table was not checked");
    expect(await readTableKeys(world.ports, "visits")).toHaveLength(1);
  });

  test("that answer slowly hold up nothing", async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const { world, lead } = await makeWorld(async (table) => {
      await released;
      return await right(table);
    });
    const beganMs = world.clock.nowMs();
    const end = lead(30_000);
    await expect
      .poll(() => world.clock.nowMs() - beganMs, { timeout: patienceMs })
      .toBeGreaterThan(20_000);
    release();
    expect(await end).toBe("deadline");
  });
});

test("event source mappings that can't be asked for end no leader", async () => {
  const { lead, said } = await makeWorld(right, {
    check: () => Promise.reject(new Error("Rate exceeded")),
  });
  expect(await lead(30_000)).toBe("deadline");
  expect(said.warnings).toContain("event source mappings were not checked");
});
