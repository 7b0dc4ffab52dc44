export { startEmulators, type Emulators } from "./emulators/emulators.ts";
export { synthesize, type StackAssembly } from "./deployment/assembly.ts";
export { deployLocal, type LocalDeployment } from "./deployment/deploy-local.ts";
export { endpointsOf } from "./deployment/endpoints.ts";
