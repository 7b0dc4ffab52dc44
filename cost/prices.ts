/**
 * What AWS asks for, in US dollars: list prices of us-east-1 without free tiers, taxes, discounts or data transfer. Facts from the services' public
 * price pages; change them here, and `millrace cost` follows.
 */
export const prices = {
  region: "us-east-1",
  /** When they were collected. */
  asOf: "2026-11-21",
  /** aws.amazon.com/lambda/pricing: Arm, first tier. */
  lambda: { request: 0.2e-6, gibSecond: 0.000_013_333_4 },
  /** aws.amazon.com/dynamodb/pricing/on-demand: standard tables; point-in-time recovery comes on top of storage. */
  dynamodb: { writeUnit: 0.625e-6, readUnit: 0.125e-6, gibMonth: 0.25, recoveryGibMonth: 0.2 },
  /** aws.amazon.com/kinesis/data-streams/pricing: provisioned, shared throughput; retention is that of a shard's hour beyond 24 hours, up to seven days. */
  kinesis: { shardHour: 0.015, retentionHour: 0.02, putUnit: 0.014e-6 },
  /** aws.amazon.com/s3/pricing: standard storage. */
  s3: { put: 0.005e-3, get: 0.0004e-3, gibMonth: 0.023 },
  /** aws.amazon.com/cloudwatch/pricing. */
  cloudwatch: { logGib: 0.5 },
  /** aws.amazon.com/managed-service-apache-flink/pricing: one more KPU for each application, 50 GiB of running storage for each KPU. */
  managedFlink: { kpuHour: 0.11, storageGibMonth: 0.1, storageGibPerKpu: 50, orchestrationKpus: 1 },
} as const;

/** A month, as AWS's calculator has it. */
export const hoursPerMonth = 730;
export const secondsPerMonth = hoursPerMonth * 3_600;
