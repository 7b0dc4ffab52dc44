import { randomUUID } from "node:crypto";
import type { Random } from "../../runtime/ports/index.ts";
import { messageOf } from "../../runtime/errors/millrace-error.ts";
import {
  type Environment,
  type EnvironmentOptions,
  type FunctionConfiguration,
  startEnvironment,
} from "./environment.ts";
import type { InvocationResult, OnStream } from "./runtime-api.ts";

export interface LambdaFunctionOptions extends EnvironmentOptions {
  /** Environments at most; invocations beyond that wait. */
  readonly maxEnvironments: number;
  readonly random: Random;
}

/** A function with several environments, among which invocations are spread at random. */
export interface LambdaFunction {
  readonly name: string;
  readonly arn: string;
  /** Where an answer is streamed and taken as it comes, nothing of it is in the result. */
  invoke(payload: string, onStream?: OnStream): Promise<InvocationResult>;
  /** Deploys another version: invocations under way end with the code that they began with, later ones begin with the new code. */
  update(configuration: FunctionConfiguration): void;
  readonly figures: () => FunctionFigures;
  /** Kills an environment, busy ones first; answers whether there was one. For tests of what a cut-off leaves. */
  killOne(): Promise<boolean>;
  stop(): Promise<void>;
}

export interface FunctionFigures {
  readonly invocations: number;
  readonly errors: number;
  readonly environments: number;
  readonly coldStartsMs: readonly number[];
  readonly durationsMs: readonly number[];
}

/** A place that an environment may take. */
interface Place {
  environment?: Environment;
  /** What the environment was started with. */
  configuration?: FunctionConfiguration;
  isBusy: boolean;
}

const keptDurations = 10_000;

export function lambdaFunction(options: LambdaFunctionOptions): LambdaFunction {
  let { configuration } = options;
  const { name, arn } = configuration;
  const { places, take, giveBack } = placesOf(options);
  const coldStartsMs: number[] = [];
  const durationsMs: number[] = [];
  let invocations = 0;
  let errors = 0;
  let isStopped = false;

  async function environmentAt(place: Place): Promise<Environment> {
    if (place.environment?.isAlive() === true && place.configuration === configuration)
      return place.environment;
    await place.environment?.kill();
    place.configuration = configuration;
    const environment = await startEnvironment({ ...options, configuration });
    coldStartsMs.push(environment.coldStartMs);
    place.environment = environment;
    // Stopped while it started: nobody else would end it.
    if (isStopped) await environment.kill();
    return environment;
  }

  return {
    name,
    arn,
    update: (next) => void (configuration = next),
    invoke: async (payload, onStream) => {
      const place = await take();
      const startedMs = performance.now();
      invocations += 1;
      try {
        if (isStopped) throw new Error("the function has been stopped");
        const environment = await environmentAt(place);
        const result = await environment.invoke({ requestId: randomUUID(), payload, onStream });
        if (result.functionError !== undefined) errors += 1;
        return result;
      } catch (thrown) {
        errors += 1;
        const error = { errorType: "Runtime.InitError", errorMessage: messageOf(thrown) };
        return { functionError: "Unhandled", payload: JSON.stringify(error) };
      } finally {
        if (durationsMs.length < keptDurations) durationsMs.push(performance.now() - startedMs);
        giveBack(place);
      }
    },
    figures: () => ({
      invocations,
      errors,
      environments: places.filter(({ environment }) => environment?.isAlive() === true).length,
      coldStartsMs,
      durationsMs,
    }),
    killOne: async () => {
      const alive = places.filter(({ environment }) => environment?.isAlive() === true);
      const victim = alive.find(({ isBusy }) => isBusy) ?? alive[0];
      await victim?.environment?.kill();
      return victim !== undefined;
    },
    stop: async () => {
      isStopped = true;
      await Promise.all(places.map(async ({ environment }) => await environment?.kill()));
    },
  };
}

/** The places of a function, given to invocations one at a time each. */
function placesOf({ maxEnvironments, random }: LambdaFunctionOptions) {
  const places: Place[] = Array.from({ length: maxEnvironments }, () => ({ isBusy: false }));
  const waiting: ((place: Place) => void)[] = [];
  return {
    places,
    /** Any that is free, warm or not: what an environment remembers of a slot is stale as a rule. */
    take: async (): Promise<Place> => {
      const free = places.filter(({ isBusy }) => !isBusy);
      const place = free[Math.floor(random.fraction() * free.length)];
      if (place === undefined) return await new Promise((given) => waiting.push(given));
      place.isBusy = true;
      return place;
    },
    giveBack: (place: Place): void => {
      const next = waiting.shift();
      if (next === undefined) place.isBusy = false;
      else next(place);
    },
  };
}
