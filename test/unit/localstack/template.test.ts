import { describe, expect, test } from "vitest";
import { endpointsOf } from "../../../localstack/deployment/endpoints.ts";
import { resourceNames } from "../../../localstack/deployment/resource-names.ts";
import { rateMs } from "../../../localstack/deployment/schedule.ts";
import { resolveValue } from "../../../localstack/deployment/template.ts";

const context = {
  account: "000000000000",
  region: "us-east-1",
  stack: "Stack",
  resources: resourceNames("Stack", {
    Resources: {
      Flights: { Type: "AWS::Kinesis::Stream" },
      Named: { Type: "AWS::DynamoDB::Table", Properties: { TableName: "delays" } },
      State: { Type: "AWS::S3::Bucket" },
    },
  }),
};

describe("a template's values", () => {
  test.each([
    [{ Ref: "Flights" }, "Stack-Flights"],
    [{ Ref: "Named" }, "delays"],
    [{ Ref: "State" }, "stack-state"],
    [
      { "Fn::GetAtt": ["Flights", "Arn"] },
      "arn:aws:kinesis:us-east-1:000000000000:stream/Stack-Flights",
    ],
    [
      { "Fn::Join": ["", ['{"flights":"', { Ref: "Flights" }, '"}']] },
      '{"flights":"Stack-Flights"}',
    ],
    [{ "Fn::Sub": "assets-${AWS::AccountId}-${AWS::Region}" }, "assets-000000000000-us-east-1"],
    [[{ a: { Ref: "Named" }, b: 1, c: null }], [{ a: "delays", b: 1, c: null }]],
  ])("%j is resolved", (value, expected) => {
    expect(resolveValue(value, context)).toEqual(expected);
  });

  test.each([
    { Ref: "Other" },
    { "Fn::ImportValue": "x" },
    { "Fn::GetAtt": ["Named", "StreamArn"] },
  ])("%j is refused", (value) => {
    expect(() => resolveValue(value, context)).toThrow(/a local deployment does not know/);
  });
});

describe("endpoints", () => {
  test("a service's own endpoint goes before the common one", () => {
    const endpoints = endpointsOf({
      AWS_ENDPOINT_URL: "http://localhost:4566",
      AWS_ENDPOINT_URL_KINESIS: "http://127.0.0.1:4567",
    });
    expect(endpoints).toEqual({
      KINESIS: "http://127.0.0.1:4567",
      DYNAMODB: "http://localhost:4566",
      S3: "http://localhost:4566",
      CLOUDFORMATION: "http://localhost:4566",
    });
  });

  test.each([
    "https://kinesis.us-east-1.amazonaws.com",
    "http://10.0.0.1:4566",
    "http://127.0.0.1.example.org",
    "nothing",
  ])("%s is not this machine", (url) => {
    expect(() => endpointsOf({ AWS_ENDPOINT_URL: url })).toThrow(/not on this machine/);
  });
});

test("a rule's rate is known, and nothing else", () => {
  expect([rateMs("rate(1 minute)"), rateMs("rate(2 hours)")]).toEqual([60_000, 7_200_000]);
  for (const expression of ["cron(0 12 * * ? *)", "rate(0 minutes)", "rate(1 week)"])
    expect(() => rateMs(expression)).toThrow(/knows rates/);
});
