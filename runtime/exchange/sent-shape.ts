import { stateError } from "../errors/millrace-error.ts";
import type { Frame, FramePointer, Tick } from "./frame.ts";
import { type Fields, isFields } from "../serde/fields.ts";

/** What a record of the exchange says about whose it is, before anything else of it is believed. */
export interface Sent {
  readonly job: string;
  readonly generation: number;
}

type Check = (value: unknown) => boolean;
/** Where a message comes from, for errors: `Record 17 of the exchange`. */
type About = string;

const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isTime: Check = (value) => typeof value === "number" && !Number.isNaN(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const recordOf =
  (check: Check): Check =>
  (value) =>
    isFields(value) && Object.values(value).every(check);
const having = (checks: Readonly<Record<string, Check>>): Check => {
  const fields = Object.entries(checks);
  return (value) => isFields(value) && fields.every(([field, check]) => check(value[field]));
};

const sent = { job: isText, generation: isCount };
const frame = {
  plan: isText,
  slot: isText,
  version: isCount,
  epoch: isCount,
  speaksFor: listOf(
    (range) => listOf(isCount)(range) && isRange(range as readonly (number | undefined)[]),
  ),
  blocks: listOf(
    having({
      stage: isText,
      input: optional(isCount),
      group: optional(isCount),
      count: isCount,
      elements: (bytes) => bytes instanceof Uint8Array,
    }),
  ),
};
const tick = {
  plan: isText,
  epoch: isCount,
  clockMs: isTime,
  watermarks: recordOf(having({ ms: isTime, idle: isFlag, own: optional(isTime) })),
  closed: optional(isCount),
  stopping: optional(isFlag),
};

/** Who sent it. @throws MillraceError `format-corrupt` */
export function toSent(message: unknown, about: About): Sent {
  return checked(message, sent, about) as unknown as Sent;
}

/** protocol 4.5: a frame, tick or pointer is checked as a whole before anything is done with it. */
export function toFrame(message: Sent, about: About): Frame {
  return checked(message, frame, about) as unknown as Frame;
}

export function toTick(message: Sent, about: About): Tick {
  return checked(message, tick, about) as unknown as Tick;
}

export function toFramePointer(message: Sent, about: About): FramePointer {
  return checked(message, { objectKey: isText }, about) as unknown as FramePointer;
}

function checked(message: unknown, checks: Readonly<Record<string, Check>>, about: About): Fields {
  const fields = isFields(message) ? message : {};
  for (const [field, check] of Object.entries(checks)) {
    if (check(fields[field])) continue;
    throw stateError("format-corrupt", {
      message: `${about} can't be read: its ${field} is missing, or not what it has to be.`,
      next: "Nothing but Millrace may write to the exchange; restore a checkpoint with `millrace restore`.",
    });
  }
  return fields;
}

function isRange([first = 0, last = -1, ...rest]: readonly (number | undefined)[]): boolean {
  return rest.length === 0 && first <= last;
}
