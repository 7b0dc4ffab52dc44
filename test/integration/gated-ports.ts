import type { Ports } from "../../runtime/ports/index.ts";

/** Called before and after every call of a port that reaches the store; what it answers is waited for. */
export type Gate = (place: string) => Promise<void> | void;

const stores = ["log", "control", "tables", "objects", "reader", "writer"] as const;
const streaming = new Set(["list", "scan"]);

/** The same ports, with a gate around every call: `log.append` before it and `log.append done` after it. */
export function gatedPorts(ports: Ports, gate: Gate): Ports {
  const gated = { ...ports } as Record<string, unknown>;
  for (const name of stores) {
    const port = ports[name] as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    gated[name] = Object.fromEntries(
      Object.entries(port).map(([method, call]) => [
        method,
        (name === "objects" && streaming.has(method)) ||
        (name === "tables" && streaming.has(method))
          ? call.bind(port)
          : async (...args: unknown[]) => {
              await gate(`${name}.${method}`);
              const answer = await call.apply(port, args);
              await gate(`${name}.${method} done`);
              return answer;
            },
      ]),
    );
  }
  return gated as unknown as Ports;
}

/** A gate that lets `pass` calls through and then holds everything until it is released. */
export function pausingGate() {
  let left = Number.POSITIVE_INFINITY;
  let release: () => void = () => undefined;
  let reached: (place: string) => void = () => undefined;
  let opened = Promise.resolve();
  return {
    gate: (async (place) => {
      left -= 1;
      if (left < 0) {
        reached(place);
        await opened;
      }
    }) satisfies Gate,
    /** Arms it; resolves with the place once a call was held. */
    holdAfter(pass: number): Promise<string> {
      left = pass;
      opened = new Promise((resolve) => (release = resolve));
      return new Promise((resolve) => (reached = resolve));
    },
    release(): void {
      left = Number.POSITIVE_INFINITY;
      release();
    },
  };
}
