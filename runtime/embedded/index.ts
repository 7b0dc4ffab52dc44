export { consoleTelemetry, quietTelemetry } from "./console-telemetry.ts";
export type { ConsoleTelemetryOptions, LogLevel } from "./console-telemetry.ts";
export type { EmbeddedStreams } from "./embedded-streams.ts";
export { durablePorts, memoryPorts } from "./ports.ts";
export type { EmbeddedPorts } from "./ports.ts";
export type { ShardDescription, StreamAdmin, StreamDescription } from "./stream-admin.ts";
export { systemHeap, type SystemHeapOptions } from "../node/system-heap.ts";
export { systemClock, systemRandom, zstdCompression } from "../node/system-environment.ts";
