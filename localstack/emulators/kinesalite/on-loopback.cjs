// Starts kinesalite on 127.0.0.1: `node on-loopback.cjs <port> <folder of kinesalite>`. Ends when its standard input ends, so that it
// never outlives whoever started it.
const [, , port, folder] = process.argv;
const kinesalite = require(folder);

const server = kinesalite({
  createStreamMs: 1,
  deleteStreamMs: 1,
  updateStreamMs: 1,
  shardLimit: 1000,
});
server.listen(Number(port), "127.0.0.1");

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
