import type { AnyValue, NodeBase } from "./node.ts";
import type { GetResource, UsesResources } from "./resource.ts";

/** What a call is told beside its element. */
export interface CallContext {
  /** Aborted where nobody waits for the answer any more: its time is over, or that of the batch. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Gives a resource that the operator names. @throws MillraceError `resource-undeclared` */
  readonly resource: GetResource;
}

export type CallFunction<T, O> = (value: T, context: CallContext) => PromiseLike<O>;

/** How often a call that failed is made again. */
export interface CallRetries {
  /** Attempts behind the first one; 0: none. */
  readonly attempts: number;
  readonly delayMs: number;
  /** What each delay is longer by than the one before; 1: not at all. */
  readonly multiplier: number;
  readonly maxDelayMs: number;
  /** Whether a failure is worth another attempt; absent: any is. */
  readonly when?: (error: unknown) => boolean;
}

/** One call for each element. */
export interface MapAsyncNode extends NodeBase, UsesResources {
  readonly kind: "mapAsync";
  readonly uid: string;
  readonly fn: CallFunction<AnyValue, AnyValue>;
  /** Calls of a slot that are under way at once. */
  readonly capacity: number;
  /** Of a call with all of its attempts. */
  readonly timeoutMs: number;
  readonly retries: CallRetries;
  /** Gives a result in place of an answer that has not come; absent: the element is a dead letter. */
  readonly onTimeout?: (value: AnyValue) => AnyValue;
}
