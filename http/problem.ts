import { isMillraceError, type MillraceError } from "../runtime/errors/millrace-error.ts";
import type { Problem } from "./schemas/common.ts";

/** Statuses of codes that say more than their domain does. */
const statuses: Readonly<Record<string, number>> = {
  "request-invalid": 400,
  "savepoint-id-invalid": 400,
  "request-refused": 403,
  "token-missing": 403,
  "api-access-denied": 403,
  "writes-not-allowed": 403,
  "route-unknown": 404,
  "job-unknown": 404,
  "operator-unknown": 404,
  "letter-unknown": 404,
  "result-unknown": 404,
  "state-not-in-job": 404,
  "plan-unknown": 404,
  "manifest-missing": 404,
  "reference-unknown": 404,
  "store-missing": 404,
  "method-not-allowed": 405,
  "job-not-running": 409,
  "savepoint-exists": 409,
  "epoch-expired": 410,
  "body-too-large": 413,
  "viewers-too-many": 429,
  "savepoints-too-many": 429,
};

/** What is answered to a request that failed. What isn't ours says nothing of itself: it may hold anything. */
export function problemOf(thrown: unknown): Problem {
  if (!isMillraceError(thrown)) return unexpected;
  const { code, next, retryable } = thrown;
  return {
    type: `urn:millrace:${code}`,
    title: code.replaceAll("-", " "),
    status: statusOf(thrown),
    code,
    detail: detailOf(thrown),
    ...(next !== undefined && { next }),
    retryable,
  };
}

const unexpected: Problem = {
  type: "urn:millrace:internal-error",
  title: "internal error",
  status: 500,
  code: "internal-error",
  detail:
    "The request failed for a reason that nobody has foreseen; the log of the server says more.",
  retryable: false,
};

function statusOf({ code, retryable, domain }: MillraceError): number {
  const known = statuses[code];
  if (known !== undefined) return known;
  if (retryable) return 503;
  return domain === "input" ? 400 : 500;
}

/** The message without what to do next, which stands beside it. */
function detailOf({ message, next }: MillraceError): string {
  const behind = `\n  ${next}`;
  return message.endsWith(behind) ? message.slice(0, -behind.length) : message;
}
