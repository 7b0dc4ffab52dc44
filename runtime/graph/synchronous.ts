import { inputError, jobError } from "../errors/millrace-error.ts";

const next =
  "Use mapAsync for a call of its own for each element; or bring in what is needed as a stream, and keep it in state.";

/**
 * What a user's function answered, where it is no promise and no generator: nothing would wait for the one or run the other, and
 * all that they do would be lost. Cheap for primitives and plain data.
 * @throws MillraceError `result-asynchronous`
 */
export function synchronous<T>(answer: T, what: string): T {
  if (typeof answer !== "object" || answer === null) return answer;
  const prototype: unknown = Object.getPrototypeOf(answer);
  if (prototype === Object.prototype || prototype === Array.prototype) return answer;
  if (isPromise(answer) || isGenerator(answer)) throw refusedAnswer(answer, what);
  return answer;
}

/** As {@link synchronous}, where a generator is welcome: it is run here. */
export function synchronousResults<T>(answer: Iterable<T>, what: string): T[] {
  if (typeof answer === "object" && answer !== null && isPromise(answer))
    throw refusedAnswer(answer, what);
  const results = [...answer];
  for (const result of results) synchronous(result, `a result of ${what}`);
  return results;
}

/**
 * Refuses functions that are written as asynchronous, or as generators, before anything runs. Functions that answer with a promise
 * all the same are found by {@link synchronous}.
 * @throws MillraceError `function-asynchronous`
 */
export function checkSynchronous(
  fn: unknown,
  { what, uid, takesGenerators = false }: FunctionPlace,
): void {
  if (typeof fn !== "function") return;
  const kind = Object.prototype.toString.call(fn).slice(8, -1);
  const isRefused =
    kind === "AsyncFunction" ||
    kind === "AsyncGeneratorFunction" ||
    (kind === "GeneratorFunction" && !takesGenerators);
  if (!isRefused) return;
  throw jobError("function-asynchronous", {
    ...(uid !== undefined && { uid }),
    message: `The function of ${what} is ${kind === "GeneratorFunction" ? "a generator" : "asynchronous"}: operators run to their end without waiting, and what it does would be lost.`,
    next,
  });
}

export interface FunctionPlace {
  /** For messages, for example `map at jobs/flights.ts:12:6`. */
  readonly what: string;
  readonly uid?: string;
  readonly takesGenerators?: boolean;
}

function isPromise(answer: object): boolean {
  return (
    typeof (answer as { then?: unknown }).then === "function" || Symbol.asyncIterator in answer
  );
}

function isGenerator(answer: object): boolean {
  return Object.prototype.toString.call(answer) === "[object Generator]";
}

/** What a promise fails with later has no one to tell: the answer is refused already. */
function refusedAnswer(answer: object, what: string): Error {
  if (answer instanceof Promise) answer.catch(() => undefined);
  const kind = isPromise(answer) ? "a promise" : "a generator";
  return inputError("result-asynchronous", {
    message: `The function of ${what} answered with ${kind}: operators run to their end without waiting, and what it does would be lost.`,
    next,
  });
}
