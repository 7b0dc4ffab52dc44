import type { AwsClients } from "../../../runtime/aws/clients.ts";
import type { StreamWriter } from "../../../runtime/ports/index.ts";
import type { AppUnderTest } from "../app-under-test.ts";

/** Where apps are deployed: AWS, or this machine. */
export interface World {
  readonly name: string;
  /** Without faults, for the operator. */
  readonly clients: AwsClients;
  /** For producers that repeat calls that fail; every other one has the clients'. */
  readonly producersWriter: StreamWriter;
  /** Leads the product's commands to this world. */
  readonly variables: Readonly<Record<string, string>>;
  deploy(app: Pick<AppUnderTest, "job" | "app">): Promise<DeployedStack>;
  /** Environments of functions that were killed. */
  kills(): number;
  /** What happened beside the apps, for the report. */
  figures(): readonly (readonly [what: string, how: string])[];
  close(): Promise<void>;
}

/** A stack, as `cdk deploy --outputs-file` tells of it. */
export interface DeployedStack {
  readonly outputsFile: string;
  /** Deploys the app again with other environment variables. */
  redeploy(variables: Readonly<Record<string, string>>): Promise<void>;
  /** Invokes the process function as an event source mapping would; answers what the function answers. */
  invokeProcess(payload: string): Promise<string>;
  /** Invocations since the deployment. */
  invocations(): Promise<Invocations>;
}

export interface Invocations {
  readonly process: number;
  readonly coordinator: number;
  readonly errors: number;
  /** What is paid for, as far as it is counted there. */
  readonly usage: Usage;
  /** Of the process function; empty where it is not known. */
  readonly coldStartsMs: readonly number[];
  readonly durationsMs: readonly number[];
}

export interface Usage {
  readonly invocations: number;
  readonly gibSeconds: number;
  /** Of all tables of the stack. */
  readonly writeUnits?: number;
  readonly readUnits?: number;
  /** Records of all streams of the stack; none is larger than a PUT unit. */
  readonly putUnits?: number;
}
