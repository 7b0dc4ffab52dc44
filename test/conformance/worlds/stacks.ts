/** What is asked of an account, one after the other. */
export interface StackOperations {
  deploy(app: string, variables: Readonly<Record<string, string>>): Promise<void>;
  destroy(app: string): Promise<void>;
  /** All resources of the app's stack; none where there is no stack. */
  resourcesOf(app: string): Promise<readonly StackResource[]>;
  /** Answers what it deleted. */
  deleteResources(resources: readonly StackResource[]): Promise<readonly string[]>;
}

export interface StackResource {
  /** As CloudFormation calls it. */
  readonly type: string;
  readonly name: string;
}

export interface Stacks {
  /** After whatever is deployed already. Rejects once the stacks are removed. */
  deploy(app: string, variables?: Readonly<Record<string, string>>): Promise<void>;
  /**
   * Waits for what is being deployed, and then takes everything away, also what a failed deployment has left; what can't be is no reason to
   * leave the rest. Answers what was deleted beside the stacks.
   * @throws AggregateError of what stays
   */
  remove(): Promise<readonly string[]>;
}

/** Stacks of a run, which are noted before they are deployed: whatever fails, nothing is left that costs. */
export function createStacks(operations: StackOperations): Stacks {
  const apps = new Set<string>();
  let isRemoved = false;
  let before: Promise<unknown> = Promise.resolve();
  return {
    deploy: (app, variables = {}) => {
      const deployed = before.then(async () => {
        if (isRemoved) throw new Error(`${app} is not deployed: the run is over.`);
        apps.add(app);
        await operations.deploy(app, variables);
      });
      before = deployed.catch(() => undefined);
      return deployed;
    },
    remove: async () => {
      isRemoved = true;
      await before;
      const failures: unknown[] = [];
      const deleted: string[] = [];
      for (const app of apps) {
        // Found before the stack goes, whose list goes with it.
        const resources = await tried(failures, [], () => operations.resourcesOf(app));
        await tried(failures, undefined, () => operations.destroy(app));
        deleted.push(...(await tried(failures, [], () => operations.deleteResources(resources))));
      }
      if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join("; "));
      return deleted;
    },
  };
}

async function tried<T>(failures: unknown[], otherwise: T, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (failure) {
    failures.push(failure);
    return otherwise;
  }
}
