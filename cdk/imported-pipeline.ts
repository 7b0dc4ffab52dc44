import { Fn } from "aws-cdk-lib";
import { Function as Lambda, type IFunction } from "aws-cdk-lib/aws-lambda";
import { ParameterTier, ParameterValueType, StringListParameter } from "aws-cdk-lib/aws-ssm";
import type { Construct } from "constructs";
import { PipelineMetrics } from "./metrics.ts";

/** Where a deployed pipeline is noted, for apps that know nothing but its name. */
const parameterOf = (pipelineName: string): string => `/millrace/${pipelineName}/functions`;

/** Notes the functions' names, in this order: process, coordinator. */
export function notePipeline(scope: Construct, { pipelineName, ...functions }: PipelineNote): void {
  new StringListParameter(scope, "Note", {
    parameterName: parameterOf(pipelineName),
    description: `Functions of the Millrace pipeline ${pipelineName}: process, coordinator`,
    stringListValue: [functions.process.functionName, functions.coordinator.functionName],
    tier: ParameterTier.STANDARD,
  });
}

interface PipelineNote {
  readonly pipelineName: string;
  readonly process: IFunction;
  readonly coordinator: IFunction;
}

/** A pipeline that another stack of the same account and region deploys. */
export class ImportedPipeline extends PipelineMetrics {
  readonly pipelineName: string;
  readonly processFunction: IFunction;
  readonly coordinatorFunction: IFunction;

  constructor(scope: Construct, id: string, pipelineName: string) {
    super(scope, id);
    this.pipelineName = pipelineName;
    const noted = StringListParameter.valueForTypedListParameter(
      this,
      parameterOf(pipelineName),
      ParameterValueType.STRING,
    );
    const [process, coordinator] = [Fn.select(0, noted), Fn.select(1, noted)];
    this.processFunction = Lambda.fromFunctionName(this, "Process", process);
    this.coordinatorFunction = Lambda.fromFunctionName(this, "Coordinator", coordinator);
  }
}
