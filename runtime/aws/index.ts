export {
  awsClients,
  closeClients,
  type AwsClientOptions,
  type AwsClients,
  type AwsCredentials,
} from "./clients.ts";
export { emfTelemetry, type EmfTelemetryOptions } from "./emf-telemetry.ts";
export { jobTableKeys } from "./job-table.ts";
export { awsPorts, type AwsPortsOptions } from "./ports.ts";
export {
  requiredActions,
  type RequiredActions,
  type RequiredResource,
} from "./required-actions.ts";
export { s3ObjectStore, type S3ObjectStoreOptions } from "./s3-object-store.ts";
