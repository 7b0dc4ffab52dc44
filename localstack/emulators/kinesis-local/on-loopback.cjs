// Loaded before kinesis-local, which has no option for its host and would listen on every interface. Ends the process when its
// standard input ends, so that it never outlives whoever started it.
const { Server } = require("node:net");

const listen = Server.prototype.listen;
Server.prototype.listen = function listenOnLoopback(first, ...others) {
  const isOptions = typeof first === "object" && first !== null;
  if (isOptions) return listen.call(this, { ...first, host: "127.0.0.1" }, ...others);
  const rest = others.filter((other) => typeof other === "function");
  return listen.call(this, { port: Number(first), host: "127.0.0.1" }, ...rest);
};

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
