import { expect, test } from "vitest";
import { awsStoreError } from "../../../runtime/aws/aws-errors.ts";

const about = { resource: 'table "jobs"', action: "dynamodb:PutItem" };
const thrown = (name: string, more: object = {}) =>
  Object.assign(new Error("said"), { name, ...more });

test.each([
  ["ProvisionedThroughputExceededException", {}, "store-throttled", true],
  ["SlowDown", { $metadata: { httpStatusCode: 503 } }, "store-throttled", true],
  ["TimeoutError", {}, "store-unavailable", true],
  ["Error", { code: "ECONNRESET" }, "store-unavailable", true],
  ["SomethingNew", { $metadata: { httpStatusCode: 502 } }, "store-unavailable", true],
  ["AccessDeniedException", {}, "store-access-denied", false],
  ["CredentialsProviderError", {}, "store-access-denied", false],
  ["ResourceNotFoundException", {}, "store-missing", false],
  ["ValidationException", { $metadata: { httpStatusCode: 400 } }, "store-refused", false],
])("%s %o becomes %s", (name, more, code, retryable) => {
  const cause = thrown(name, more);
  expect(awsStoreError(about, cause)).toMatchObject({
    domain: "store",
    code,
    retryable,
    cause,
    message: expect.stringContaining('table "jobs"') as string,
  });
});

test("what was thrown may be anything", () => {
  expect(awsStoreError(about, undefined)).toMatchObject({
    code: "store-refused",
    retryable: false,
  });
  expect(awsStoreError(about, "text").message).toContain("text");
});
