import {
  type ErrorDomain,
  isMillraceError,
  messageOf,
  MillraceError,
} from "../runtime/errors/millrace-error.ts";

/** What is left of an error on its way between threads. */
export interface PlainError {
  /** With what to do next. */
  readonly message: string;
  readonly stack?: string;
  readonly domain?: ErrorDomain;
  readonly code?: string;
  readonly retryable?: boolean;
  readonly uid?: string;
}

export function toPlainError(thrown: unknown): PlainError {
  const message = messageOf(thrown);
  if (isMillraceError(thrown)) {
    const { domain, code, retryable, uid } = thrown;
    return { message, domain, code, retryable, ...(uid !== undefined && { uid }) };
  }
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  return { message, ...(stack !== undefined && { stack }) };
}

export function fromPlainError(plain: PlainError): Error {
  const { domain, code, message, stack, retryable, uid } = plain;
  if (domain !== undefined && code !== undefined)
    return new MillraceError(domain, code, {
      message,
      ...(retryable !== undefined && { retryable }),
      ...(uid !== undefined && { uid }),
    });
  return Object.assign(new Error(message), stack === undefined ? {} : { stack });
}
