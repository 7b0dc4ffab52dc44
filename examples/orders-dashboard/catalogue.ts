export interface Product {
  readonly name: string;
  readonly unitCents: number;
}

const colours = ["black", "blue", "green", "red", "white", "yellow"];
const things = ["bottle", "bowl", "kettle", "lamp", "mug", "pan", "plate", "teapot"];

/** What the shops sell: the first ones most. */
export const products: readonly Product[] = things.flatMap((thing, thingAt) =>
  colours.map((colour, colourAt) => ({
    name: `${colour} ${thing}`,
    unitCents: 495 + 310 * ((thingAt * 5) % 8) + 45 * colourAt,
  })),
);

/** Countries of customers: those that stand more than once have more. */
export const countries: readonly string[] =
  "DE FR DE AT NL DE PL FR IT ES DE CH SE FR NL BE IT PL DE DK CZ".split(" ");
