import type { AskedCall, CallAnswer } from "../../operators/contract.ts";

/** Where a step was when it asked for a call. */
export interface CallPlace {
  readonly sequence: string;
  readonly element: number;
  readonly atStart: boolean;
  readonly atEnd: boolean;
  /** Stable text of it. */
  readonly place: string;
}

/** A call that a step has asked for. */
export interface Call extends AskedCall {
  readonly place: CallPlace;
  /** Told that nobody waits any more. */
  readonly abort: AbortController;
  answer: CallAnswer | undefined;
  /** Where it is on its way: resolved with its answer. */
  done?: Promise<void>;
  /** How long the batch had waited for calls when it began. */
  begunAtMs: number;
}

/**
 * Calls of a batch, by the places at which the steps have asked for them: the record and element, or the timer, then the operator and how many
 * calls of it came before (protocol 3.12). A step is run again with what has come, and meets the same places.
 */
export class CallBook {
  readonly #calls = new Map<string, Call>();
  #placeOf: () => CallPlace = () => {
    throw new Error("A call outside of a step.");
  };
  #place = "";
  /** Calls of the place in hand, by operator. */
  readonly #counts = new Map<string, number>();
  /** How long the batch has waited for calls. */
  waitedMs = 0;
  /** What the run has asked for and has no answer to, in order. */
  missing: Call[] = [];

  /** A run of a step begins. */
  begin(placeOf: () => CallPlace): void {
    this.#placeOf = placeOf;
    this.#place = "";
    this.missing = [];
  }

  answer(asked: AskedCall): CallAnswer | undefined {
    const place = this.#placeOf();
    if (place.place !== this.#place) this.#counts.clear();
    this.#place = place.place;
    const count = this.#counts.get(asked.operator) ?? 0;
    this.#counts.set(asked.operator, count + 1);
    const key = JSON.stringify([place.place, asked.operator, count]);
    let call = this.#calls.get(key);
    if (call === undefined) {
      call = { ...asked, place, abort: new AbortController(), answer: undefined, begunAtMs: 0 };
      this.#calls.set(key, call);
    }
    if (call.answer === undefined) this.missing.push(call);
    return call.answer;
  }

  /** Calls that are on their way. */
  underWay(): readonly Call[] {
    return [...this.#calls.values()].filter(
      ({ done, answer }) => done !== undefined && answer === undefined,
    );
  }

  /** The batch is over: nobody waits for what has not come, and what has come was committed, or will be asked for anew. */
  clear(): void {
    for (const { abort } of this.underWay()) abort.abort();
    this.#calls.clear();
    this.missing = [];
    this.waitedMs = 0;
  }
}
