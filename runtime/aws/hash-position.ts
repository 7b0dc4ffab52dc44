/** Kinesis writes positions of its 128-bit hash space in decimal, the ports in 32 lower-case hex digits. */
export const hexOfDecimal = (decimal: string): string =>
  BigInt(decimal).toString(16).padStart(32, "0");

export const decimalOfHex = (hex: string): string => BigInt(`0x${hex}`).toString();
