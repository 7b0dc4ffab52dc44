/** Follows one zstd frame (RFC 8878, section 3.1) through pieces of any size. */
export interface ZstdFrame {
  /** How many bytes of a piece belong to the frame. @throws where no frame begins */
  take(piece: Uint8Array): number;
  /** Whether its last byte was taken. Not every Node says that one is cut off. */
  isOver(): boolean;
}

export function zstdFrame(): ZstdFrame {
  const runs = runsOfFrame();
  let run = runs.next();
  let taken = 0;
  let kept: number[] = [];
  return {
    take(piece) {
      let at = 0;
      while (run.done !== true) {
        const { bytes, isRead } = run.value;
        const here = Math.min(bytes - taken, piece.length - at);
        if (isRead) kept.push(...piece.subarray(at, at + here));
        at += here;
        taken += here;
        if (taken < bytes) break;
        run = runs.next(kept);
        taken = 0;
        kept = [];
      }
      return at;
    },
    isOver: () => run.done === true,
  };
}

/** How many bytes the first zstd frame of some data takes. @throws where it is cut off */
export function zstdFrameBytes(data: Uint8Array): number {
  const frame = zstdFrame();
  const bytes = frame.take(data);
  if (!frame.isOver()) throw cutOff();
  return bytes;
}

export const cutOff = (): Error => new Error("a frame is cut off");

/** Bytes that come next in a frame. */
interface Run {
  readonly bytes: number;
  /** Whether the frame's length depends on what they are. */
  readonly isRead: boolean;
}
const read = (bytes: number): Run => ({ bytes, isRead: true });
const skip = (bytes: number): Run => ({ bytes, isRead: false });

const magic = 0xfd2fb528;

function* runsOfFrame(): Generator<Run, void, readonly number[]> {
  const begin = littleEndian(yield read(4));
  if (begin >>> 4 === 0x184d2a5) {
    // A skippable frame.
    yield skip(littleEndian(yield read(4)));
    return;
  }
  if (begin !== magic) throw new Error("no frame begins here");
  const descriptor = littleEndian(yield read(1));
  const isSingle = (descriptor & 0x20) !== 0;
  const idBytes = [0, 1, 2, 4][descriptor & 3]!;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >>> 6]!;
  yield skip((isSingle ? 0 : 1) + idBytes + sizeBytes);
  for (let isLast = false; !isLast;) {
    const header = littleEndian(yield read(3));
    isLast = (header & 1) === 1;
    const isRepeatedByte = ((header >>> 1) & 3) === 1;
    yield skip(isRepeatedByte ? 1 : header >>> 3);
  }
  yield skip((descriptor & 4) === 0 ? 0 : 4);
}

const littleEndian = (bytes: readonly number[]): number =>
  bytes.reduce((sum, byte, at) => sum + byte * 2 ** (8 * at), 0);
