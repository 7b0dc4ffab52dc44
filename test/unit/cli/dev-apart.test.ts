import { expect, test } from "vitest";
import { wordsOf } from "../../../cli/dev-apart.ts";

test("options reach a process of their own as they were typed, also those that are given several times", () => {
  const values = {
    "allow-origin": ["https://example.com", "http://localhost:3000"],
    input: [["orders", "orders.jsonl"]],
    json: true,
    port: 0,
    quiet: false,
    rate: undefined,
  };
  const options = ["--allow-origin https://example.com", "--allow-origin http://localhost:3000"];
  const others = ["--input orders=orders.jsonl", "--json", "--port 0"];
  expect(wordsOf(values).join(" ")).toBe([...options, ...others].join(" "));
});
