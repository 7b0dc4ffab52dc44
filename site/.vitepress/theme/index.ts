import DefaultTheme from "vitepress/theme-without-fonts";
import { withBase } from "vitepress";
import "../../playground/element.css";
import "./site.css";

export default {
  extends: DefaultTheme,
  enhanceApp() {
    // Only where there is a page to see: the site is built without one.
    if (typeof document !== "undefined")
      void import(/* @vite-ignore */ withBase("/playground/element.js"));
  },
};
