// What stands for Node's global in a browser: records of an event source are handed over in base64. The slash names the package, not Node's module.
export { Buffer } from "buffer/";
