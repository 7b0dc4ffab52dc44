import { describe, expect, test } from "vitest";
import {
  createStacks,
  type StackOperations,
  type StackResource,
} from "../../conformance/worlds/stacks.ts";

const table: StackResource = { type: "AWS::DynamoDB::Table", name: "table" };

/** An account that notes what is asked of it; a deployment of "broken" fails half-way. */
function account(more: Partial<StackOperations> = {}) {
  const calls: string[] = [];
  const stacks = createStacks({
    deploy: async (app) => {
      calls.push(`deploys ${app}`);
      await new Promise(setImmediate);
      if (app === "broken") throw new Error("rolled back");
      calls.push(`deployed ${app}`);
    },
    destroy: async (app) => void calls.push(`destroy ${app}`),
    resourcesOf: async () => [table],
    deleteResources: async (resources) => {
      calls.push(`delete ${resources.length}`);
      return resources.map(({ name }) => name);
    },
    ...more,
  });
  return { stacks, calls };
}

describe("stacks of a conformance run", () => {
  test("are deployed one after the other", async () => {
    const { stacks, calls } = account();
    await Promise.all([stacks.deploy("a"), stacks.deploy("b")]);
    expect(calls).toEqual(["deploys a", "deployed a", "deploys b", "deployed b"]);
  });

  test("are removed with what a failed deployment has left", async () => {
    const { stacks, calls } = account();
    await expect(stacks.deploy("broken")).rejects.toThrow("rolled back");
    expect(await stacks.remove()).toEqual(["table"]);
    expect(calls).toEqual(["deploys broken", "destroy broken", "delete 1"]);
  });

  test("are removed when none is being deployed any more, and then no other one is", async () => {
    const { stacks, calls } = account();
    const deployed = stacks.deploy("a");
    await Promise.resolve();
    expect(calls).toEqual(["deploys a"]);
    const removed = stacks.remove();
    await deployed;
    await removed;
    await expect(stacks.deploy("b")).rejects.toThrow("the run is over");
    expect(calls).toEqual(["deploys a", "deployed a", "destroy a", "delete 1"]);
  });

  test("go although one of them, or its resources, can't be removed", async () => {
    const { stacks, calls } = account({
      destroy: async (app) => {
        if (app === "a") throw new Error("a is being updated");
        calls.push(`destroy ${app}`);
      },
    });
    await stacks.deploy("a");
    await stacks.deploy("b");
    await expect(stacks.remove()).rejects.toThrow("a is being updated");
    expect(calls.slice(-3)).toEqual(["delete 1", "destroy b", "delete 1"]);
  });
});
