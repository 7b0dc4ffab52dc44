import { once } from "node:events";
import { SourceMap, type SourceMapPayload } from "node:module";
import { createServer, type AddressInfo } from "node:net";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** A port that nobody has at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

type Params = Readonly<Record<string, unknown>>;
interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
}

/** Calls of one thread that is debugged (Chrome's DevTools protocol). */
interface Session {
  readonly call: (method: string, params?: Params) => Promise<Params>;
  readonly event: (method: string, fits?: (params: Params) => boolean) => Promise<Params>;
  readonly take: (message: Message) => void;
}

function session(send: (message: string) => void): Session {
  let id = 0;
  const calls = new Map<number, (result: Params) => void>();
  const events: Message[] = [];
  let listeners: (() => void)[] = [];
  return {
    call: async (method, params = {}) =>
      await new Promise((done) => {
        calls.set((id += 1), done);
        send(JSON.stringify({ id, method, params }));
      }),
    event: async (method, fits = () => true) => {
      for (;;) {
        const found = events.find((each) => each.method === method && fits(each.params ?? {}));
        if (found !== undefined) return found.params ?? {};
        await new Promise<void>((wake) => listeners.push(wake));
      }
    },
    take(message) {
      if (message.id !== undefined) return calls.get(message.id)?.(message.result ?? {});
      events.push(message);
      for (const wake of listeners.splice(0)) wake();
      listeners = [];
    },
  };
}

/** Where a thread stopped, in the user's file. */
export interface StoppedAt {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Does what an editor does: lets a process that waits for it run, and stops it where a bundle of a job has some text. Answers where that is by its source map. */
export async function stopAt(port: number, text: string): Promise<StoppedAt> {
  const socket = new WebSocket(await addressOf(port));
  await once(socket, "open");
  const thread = session((message) => socket.send(message));
  socket.addEventListener("message", ({ data }) => {
    thread.take(JSON.parse(String(data)) as Message);
  });
  try {
    return await stopped(thread, text);
  } finally {
    // The process goes on.
    socket.close();
  }
}

/** A process needs a while until it listens. */
async function addressOf(port: number): Promise<string> {
  for (;;) {
    const targets = await fetch(`http://127.0.0.1:${port}/json/list`).then(
      async (answer) => (await answer.json()) as readonly Params[],
      () => [],
    );
    if (targets[0] !== undefined) return String(targets[0]["webSocketDebuggerUrl"]);
    await new Promise((done) => setTimeout(done, 100));
  }
}

async function stopped(thread: Session, text: string): Promise<StoppedAt> {
  await thread.call("Debugger.enable");
  await thread.call("Runtime.runIfWaitingForDebugger");
  const script = await thread.event("Debugger.scriptParsed", ({ url }) =>
    String(url).endsWith("/job.mjs"),
  );
  const { scriptSource } = await thread.call("Debugger.getScriptSource", {
    scriptId: script["scriptId"],
  });
  const lines = String(scriptSource).split("\n");
  const lineNumber = lines.findIndex((line) => line.includes(text));
  const columnNumber = lines[lineNumber]!.indexOf(text);
  const location = { scriptId: script["scriptId"], lineNumber, columnNumber };
  await thread.call("Debugger.setBreakpoint", { location });
  const { callFrames } = await thread.event("Debugger.paused");
  const at = (callFrames as readonly { readonly location: typeof location }[])[0]!.location;
  return originOf(script, at);
}

function originOf(
  { sourceMapURL, url }: Params,
  { lineNumber, columnNumber }: { readonly lineNumber: number; readonly columnNumber: number },
): StoppedAt {
  const [, base64 = ""] = String(sourceMapURL).split("base64,");
  const map = new SourceMap(
    JSON.parse(Buffer.from(base64, "base64").toString()) as SourceMapPayload,
  );
  const entry = map.findEntry(lineNumber, columnNumber);
  if (!("originalSource" in entry)) throw new Error("The place is in no file.");
  const folder = dirname(fileURLToPath(String(url)));
  return { file: resolve(folder, entry.originalSource), line: entry.originalLine + 1 };
}
