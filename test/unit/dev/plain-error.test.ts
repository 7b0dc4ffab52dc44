import { expect, test } from "vitest";
import { fromPlainError, toPlainError } from "../../../dev/plain-error.ts";
import { isMillraceError, stateError } from "../../../runtime/errors/millrace-error.ts";

const sent = (thrown: unknown): Error => fromPlainError(structuredClone(toPlainError(thrown)));

test("an error of Millrace keeps its code, domain, operator and advice between threads", () => {
  const detail = { message: "It is gone.", next: "Look elsewhere.", uid: "sums", retryable: true };
  const error = sent(stateError("part-missing", detail));
  expect(isMillraceError(error)).toBe(true);
  expect(error).toMatchObject({
    domain: "state",
    code: "part-missing",
    uid: "sums",
    retryable: true,
  });
  expect(error.message).toBe("It is gone.\n  Look elsewhere.");
});

test("any other error keeps its message and trace", () => {
  const thrown = new RangeError("too far");
  expect(sent(thrown)).toMatchObject({ message: "too far", stack: thrown.stack });
  expect(sent("text").message).toBe("text");
});
