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

/** Calls of one thread that is debugged: Chrome's DevTools protocol, with Node's domain for workers. */
interface Session {
  readonly call: (method: string, params?: Params) => Promise<Params>;
  readonly event: (method: string, fits?: (params: Params) => boolean) => Promise<Params>;
  /** Told of each event of a method from now on. */
  readonly follow: (method: string, listener: (params: Params) => void) => void;
  readonly take: (message: Message) => void;
}

function session(send: (message: string) => void): Session {
  let id = 0;
  const calls = new Map<number, (result: Params) => void>();
  const events: Message[] = [];
  const followers = new Map<string, (params: Params) => void>();
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
    follow: (method, listener) => void followers.set(method, listener),
    take(message) {
      if (message.id !== undefined) return calls.get(message.id)?.(message.result ?? {});
      followers.get(message.method ?? "")?.(message.params ?? {});
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

export interface StopOptions {
  readonly port: number;
  /** Stands in the bundle of the job, in the line that is to be stopped at. */
  readonly text: string;
  /** In a thread of its workers, and not in the one that the process began with. */
  readonly inWorker?: boolean;
}

/** Does what an editor does: lets a process that waits for it run, and stops a thread of it where a bundle of a job has some text. Answers where that is by its source map. */
export async function stopAt({ port, text, inWorker = false }: StopOptions): Promise<StoppedAt> {
  const socket = new WebSocket(await addressOf(port));
  await once(socket, "open");
  const process = session((message) => socket.send(message));
  socket.addEventListener("message", ({ data }) => {
    process.take(JSON.parse(String(data)) as Message);
  });
  try {
    const thread = inWorker ? await firstWorker(process) : process;
    const at = await stopped(thread, text);
    // A worker does not go on by itself when its debugger is gone.
    await thread.call("Debugger.disable");
    return at;
  } finally {
    // The process goes on.
    socket.close();
  }
}

/** The first of a job's workers that begins, held until it is told to run; the other threads of the process run. */
async function firstWorker(process: Session): Promise<Session> {
  const workers = new Map<unknown, Session>();
  const found = Promise.withResolvers<Session>();
  process.follow("NodeWorker.attachedToWorker", ({ sessionId, workerInfo }) => {
    const worker = session(
      (message) => void process.call("NodeWorker.sendMessageToWorker", { sessionId, message }),
    );
    workers.set(sessionId, worker);
    if (String((workerInfo as Params)["title"]).endsWith("millrace-0")) found.resolve(worker);
    else void worker.call("Runtime.runIfWaitingForDebugger");
  });
  process.follow("NodeWorker.receivedMessageFromWorker", ({ sessionId, message }) => {
    workers.get(sessionId)?.take(JSON.parse(String(message)) as Message);
  });
  await process.call("NodeWorker.enable", { waitForDebuggerOnStart: true });
  await process.call("Runtime.runIfWaitingForDebugger");
  const worker = await found.promise;
  // It stops before its first line.
  worker.follow("Debugger.paused", ({ hitBreakpoints }) => {
    if (!isHit(hitBreakpoints)) void worker.call("Debugger.resume");
  });
  return worker;
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
  const { callFrames } = await thread.event("Debugger.paused", ({ hitBreakpoints }) =>
    isHit(hitBreakpoints),
  );
  const at = (callFrames as readonly { readonly location: typeof location }[])[0]!.location;
  return originOf(script, at);
}

const isHit = (breakpoints: unknown): boolean =>
  Array.isArray(breakpoints) && breakpoints.length > 0;

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
