import { expect, test } from "vitest";
import { createReports, recordRun } from "../../../dev/record-run.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import { storeError } from "../../../runtime/errors/millrace-error.ts";

test("where history can't be read nothing is begun that nobody would stop", async () => {
  const ports = memoryPorts();
  const control: typeof ports.control = {
    ...ports.control,
    list: async () => {
      throw storeError("store-damaged", { message: "It is damaged." });
    },
  };
  let started = 0;
  const recorded = recordRun({
    ports: { ...ports, control },
    job: "clicks",
    generation: 1,
    reports: createReports(),
    start: async () => {
      started += 1;
      return { done: new Promise(() => {}), stop: () => {} };
    },
  });
  await expect(recorded).rejects.toMatchObject({ code: "store-damaged" });
  expect(started).toBe(0);
});
