import { deploymentError } from "../runtime/errors/millrace-error.ts";

export const portInUse = (port: number): Error =>
  deploymentError("port-in-use", {
    message: `Something else listens at port ${port} of this machine.`,
    next: "Give another --port, or none: then one is taken that is free.",
  });
