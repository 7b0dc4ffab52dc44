import { afterEach, expect, test, vi } from "vitest";
import { onStopSignals } from "../../../cli/stop-signals.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("the first signal stops, the second exits at once, whichever they are", () => {
  const exit = vi.spyOn(process, "exit").mockImplementation((() => {}) as typeof process.exit);
  const stop = vi.fn<() => void>();
  const release = onStopSignals(stop);
  try {
    process.emit("SIGTERM");
    expect(stop).toHaveBeenCalledTimes(1);
    expect(exit).not.toHaveBeenCalled();
    process.emit("SIGINT");
    expect(exit).toHaveBeenCalledWith(130);
  } finally {
    release();
  }
});

test("whoever would stop it may be gone before anybody listens", async () => {
  const connected = Object.getOwnPropertyDescriptor(process, "connected");
  Object.defineProperty(process, "connected", { value: false, configurable: true });
  const stop = vi.fn<() => void>();
  const release = onStopSignals(stop);
  try {
    await Promise.resolve();
    expect(stop).toHaveBeenCalledTimes(1);
  } finally {
    release();
    if (connected === undefined) Reflect.deleteProperty(process, "connected");
    else Object.defineProperty(process, "connected", connected);
  }
});

test("afterwards the handlers are gone", () => {
  const before = process.listenerCount("SIGINT");
  const release = onStopSignals(() => {});
  expect(process.listenerCount("SIGINT")).toBe(before + 1);
  release();
  expect(process.listenerCount("SIGINT")).toBe(before);
});
