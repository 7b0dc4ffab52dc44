import { defineView } from "./embed/millrace-view.tsx";

defineView();
