import { NodeHttpHandler } from "@smithy/node-http-handler";

/** The client's own default is HTTP/2, which no emulator speaks. */
export const httpOnly = (): NodeHttpHandler => new NodeHttpHandler();
