import { jobError } from "../errors/millrace-error.ts";
import { valueText } from "../errors/value-text.ts";
import type { Change } from "../graph/change.ts";
import type { SinkConnector } from "../graph/connectors.ts";
import { checkSynchronous, synchronous } from "../graph/synchronous.ts";
import type { DirectSpec } from "./sink-spec.ts";

export interface PrintSinkOptions<T> {
  /** Stands before each line: 1 to 100 characters without line breaks. Default: "print". */
  readonly label?: string;
  /** The line. Default: the element as JSON, behind "replace" or "delete" where it is no new one. */
  readonly toText?: (value: T, change: Change) => string;
}

/** Of a line so many characters are printed. */
const lineMaxCharacters = 1_000;
/** Of a commit so many lines. */
const linesMax = 100;

/**
 * Prints elements, as Flink's print sink: on the standard output of `millrace dev`, and as lines of the process function's log where the
 * job is deployed. For a look at what flows: a line is cut after 1,000 characters, a commit after 100 lines, and what is delivered again is printed
 * again.
 * @throws MillraceError `print-invalid`, `function-asynchronous`
 */
export function printSink<T>(options: PrintSinkOptions<T> = {}): SinkConnector<T> {
  const { label = "print", toText = textOf } = options;
  if (typeof label !== "string" || !/^[^\r\n]{1,100}$/.test(label)) throw labelInvalid();
  checkSynchronous(toText, { what: `toText of the print sink "${label}"` });
  return Object.freeze<SinkConnector<T>>({
    type: "print",
    target: label,
    guarantee: "at-least-once",
    encode(value, change) {
      const text = String(synchronous(toText(value, change), "toText"));
      const isCut = text.length > lineMaxCharacters;
      const line = isCut ? `${text.slice(0, lineMaxCharacters)}…` : text;
      return { kind: "append", partitionKey: label, value: line };
    },
  });
}

function textOf(value: unknown, change: Change): string {
  const { text } = valueText(value, lineMaxCharacters + 1);
  return change === "insert" ? text : `${change} ${text}`;
}

function labelInvalid(): Error {
  return jobError("print-invalid", {
    message: "The label of a print sink is not a text of 1 to 100 characters in one line.",
    next: 'Give one such as printSink({ label: "hourly" }), or none.',
  });
}

/** What whoever shows a job's log tells its lines by. */
export const printedCode = "printed";

export const printSpec: DirectSpec = {
  resource: ({ target }) => ({ kind: "log", name: target }),
  write: ({ ports: { telemetry }, target }, writes) => {
    const print = (line: string): void =>
      telemetry.log("info", `${target}> ${line}`, { code: printedCode });
    for (const { write } of writes.slice(0, linesMax))
      if (write.kind === "append") print(String(write.value));
    if (writes.length > linesMax) print(`… and ${writes.length - linesMax} more`);
    return Promise.resolve({ superseded: 0, refused: [] });
  },
};
