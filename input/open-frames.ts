import { createGunzip, createZstdDecompress } from "node:zlib";
import { cutOff, type ZstdFrame, zstdFrame } from "../runtime/node/zstd-frame.ts";

/** What compressed pieces hold, in pieces: all members or frames. @throws where it is cut off, or none begins */
export const openFrames = {
  gzip: (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> => openMembers(pieces),
  zstd: (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> => openZstd(pieces),
};

/** Node opens all members of gzip, and fails where bytes are missing. */
async function* openMembers(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const engine = openEngine("gzip");
  for await (const piece of pieces) {
    await engine.write(piece);
    yield* engine.take();
  }
  await engine.end();
  yield* engine.take();
}

/** Node's stream of zstd is over with the first frame, and says nothing of others; of a frame that is cut off it says nothing on Node 22. */
async function* openZstd(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let open: { readonly frame: ZstdFrame; readonly engine: Engine } | undefined;
  for await (const piece of pieces) {
    for (let rest = piece; rest.length > 0;) {
      open ??= { frame: zstdFrame(), engine: openEngine("zstd") };
      const { frame, engine } = open;
      const bytes = frame.take(rest);
      await engine.write(rest.subarray(0, bytes));
      if (frame.isOver()) {
        await engine.end();
        open = undefined;
      }
      yield* engine.take();
      rest = rest.subarray(bytes);
    }
  }
  if (open !== undefined) throw cutOff();
}

interface Engine {
  write(piece: Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** What has been opened since this was asked last. */
  take(): readonly Uint8Array[];
}

function openEngine(format: "gzip" | "zstd"): Engine {
  const engine = format === "gzip" ? createGunzip() : createZstdDecompress();
  let opened: Uint8Array[] = [];
  const failed = new Promise<never>((_, reject) => engine.on("error", reject));
  failed.catch(() => {});
  const ended = new Promise<void>((resolve) => engine.once("end", resolve));
  engine.on("data", (bytes: Uint8Array) => opened.push(bytes));
  return {
    write: async (piece) =>
      await Promise.race([failed, new Promise<void>((done) => engine.write(piece, () => done()))]),
    async end() {
      engine.end();
      await Promise.race([failed, ended]);
    },
    take() {
      const taken = opened;
      opened = [];
      return taken;
    },
  };
}
