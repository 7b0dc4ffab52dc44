import { render } from "preact";
import { readOffered } from "./live/offered.ts";
import { Console } from "./parts/console-frame.tsx";

await readOffered();
render(<Console />, document.querySelector("#console")!);
