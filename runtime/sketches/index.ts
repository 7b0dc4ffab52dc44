export { quantiles, type QuantileSketch, type QuantilesOptions } from "./quantiles.ts";
export { topK, type TopEntry, type TopKOptions, type TopSketch, type TopValue } from "./top-k.ts";
export { uniqueCount, type UniqueCountOptions, type UniqueSketch } from "./unique-count.ts";
