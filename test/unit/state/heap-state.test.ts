import { HeapState } from "../../../runtime/state/heap-state.ts";
import { stateBackendContract } from "../../contract/state-backend.contract.ts";

stateBackendContract("heap", (stage, locate) => new HeapState(stage, locate));
