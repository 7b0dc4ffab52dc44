export {
  csv,
  type CsvDecoder,
  type CsvOptions,
  type Decoder,
  type DecoderFunction,
  type DecoderName,
  type SourceCompression,
} from "./decoder.ts";
export {
  type DynamodbRowOptions,
  dynamodbSink,
  type DynamodbSinkOptions,
  type KeyField,
  type RowKeyFields,
} from "./dynamodb-sink.ts";
export { fileSink, type FileSinkOptions } from "./file-sink.ts";
export { fileSource, type FileSource, type FileSourceOptions } from "./file-source.ts";
export {
  generatorSource,
  type GeneratorSource,
  type GeneratorSourceOptions,
} from "./generator-source.ts";
export { kinesisSink, type KinesisSinkOptions } from "./kinesis-sink.ts";
export { printSink, type PrintSinkOptions } from "./print-sink.ts";
export { kinesisSource, type KinesisSourceOptions } from "./kinesis-source.ts";
export {
  type AppendedRecord,
  decodeAppended,
  duplicateFilter,
  type DuplicateFilter,
  type DuplicateFilterState,
  encodeAppended,
  type RecordId,
} from "./record-id.ts";
