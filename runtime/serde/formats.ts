import { unpackMessage, unpackPlain, viewOfOurs, viewOfOursPlain } from "./msgpack.ts";
import { asItWas, commitTo3, inFlightTo3, partTo3, segmentTo3 } from "./upgrades.ts";

/** What is persisted in binary form, with the number that stands for it. */
export const envelopeKinds = {
  commit: 1,
  frame: 2,
  framePointer: 3,
  tick: 4,
  part: 5,
  segment: 6,
  inFlight: 7,
  staged: 8,
} as const;
export type EnvelopeKind = keyof typeof envelopeKinds;

/** How a message becomes bytes. */
interface Encoding {
  /** In bytes that stand only until the next message is written. */
  readonly pack: (message: unknown) => Uint8Array;
  readonly unpack: (bytes: Uint8Array) => unknown;
}

interface Format {
  readonly encoding: Encoding;
}

interface LaterFormat extends Format {
  /** A message of the format before, as this one has it. */
  readonly upgrade: (message: unknown) => unknown;
}

/** All formats that a kind has had: its first, and what each later one makes of the one before. The last is what is written. */
type Formats = readonly [Format, ...LaterFormat[]];

/** Field names stand once in a message: for what travels, and is read by the next of us. */
const compact: Encoding = { pack: viewOfOurs, unpack: unpackMessage };
/** For what lives long: any reader of MessagePack understands it. */
const plain: Encoding = { pack: viewOfOursPlain, unpack: unpackPlain };

/** Format 1 had no checksum in its head; nothing else is different. */
const checked = [
  { encoding: compact },
  { encoding: compact, upgrade: asItWas },
] as const satisfies Formats;

const formats: Readonly<Record<EnvelopeKind, Formats>> = {
  // Format 4 has broadcast state and its marks, and blocks that name no group. Format 5 as segments' format 4. Format 6 has
  // what is collected for an epoch, and names what is staged.
  commit: [
    ...checked,
    { encoding: compact, upgrade: commitTo3 },
    { encoding: compact, upgrade: asItWas },
    { encoding: compact, upgrade: asItWas },
    { encoding: compact, upgrade: asItWas },
  ],
  // Format 3: a block may name its input. Format 4: a block for all slots names no group.
  frame: [
    ...checked,
    { encoding: compact, upgrade: asItWas },
    { encoding: compact, upgrade: asItWas },
  ],
  framePointer: checked,
  tick: checked,
  part: [
    ...checked,
    { encoding: plain, upgrade: partTo3 },
    { encoding: plain, upgrade: asItWas },
    { encoding: plain, upgrade: asItWas },
  ],
  // Format 4: windows have keys that name both of their ends. Of older ones their operator finds the end: it knows how long they are.
  segment: [
    ...checked,
    { encoding: plain, upgrade: segmentTo3 },
    { encoding: plain, upgrade: asItWas },
  ],
  inFlight: [
    ...checked,
    { encoding: plain, upgrade: inFlightTo3 },
    { encoding: plain, upgrade: asItWas },
  ],
  // Nobody has written format 1, which has no checksum whatever the kind.
  staged: [{ encoding: plain }, { encoding: plain, upgrade: asItWas }],
};

/** The format that is written; all up to it are read. */
export function newestFormat(kind: EnvelopeKind): number {
  return formats[kind].length;
}

/** The newest format of a message: {@link Encoding.pack}. */
export function packNewest(kind: EnvelopeKind, message: unknown): Uint8Array {
  return formatOf(kind, newestFormat(kind)).encoding.pack(message);
}

/** The message of any format, as the newest has it. */
export function unpackFormat(kind: EnvelopeKind, format: number, bytes: Uint8Array): unknown {
  const message = formatOf(kind, format).encoding.unpack(bytes);
  const [, ...later] = formats[kind];
  return later.slice(format - 1).reduce((older, { upgrade }) => upgrade(older), message);
}

function formatOf(kind: EnvelopeKind, format: number): Format {
  return formats[kind][format - 1] as Format;
}
