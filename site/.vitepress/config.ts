import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vitepress";
import { anchorOf, documents, root } from "../documents.ts";
import type { Figure } from "../draw-figures.ts";
import { marksOf } from "../play-blocks.ts";
import { sidebarOf } from "../sidebar.ts";

const all = documents();
const figures = JSON.parse(
  readFileSync(join(root, "site/.vitepress/figures.json"), "utf8"),
) as readonly Figure[];

/** In the pages themselves, wherever the site lies. */
const icon = readFileSync(join(root, "site/favicon.svg"), "utf8").trim();

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

// The pages lie outside of the site's folder, where no Vue is to be found. What renders them while the site is built lies in it, and finds its own.
const vueOfTheSite: Plugin = {
  name: "vue-of-the-site",
  enforce: "pre",
  resolveId(id, _importer, options) {
    if (id !== "vue" && !id.startsWith("vue/")) return null;
    if (options.ssr) return { id, external: true };
    return this.resolve(id, join(root, "site/package.json"), { ...options, skipSelf: true });
  },
};

export default defineConfig({
  title: "Millrace",
  description: "Stateful stream processing in TypeScript, with no cluster.",
  lang: "en",
  head: [
    [
      "link",
      {
        rel: "icon",
        type: "image/svg+xml",
        href: `data:image/svg+xml,${encodeURIComponent(icon)}`,
      },
    ],
  ],
  srcDir: "..",
  srcExclude: [
    "**/node_modules/**",
    "site/node_modules/**",
    "templates/**",
    "localstack/**",
    "test/**",
    "bench/**",
    "dist/**",
    ".millrace/**",
    "cdk.out/**",
    "scratch/**",
  ],
  rewrites: {
    "README.md": "index.md",
    "site/api/:page": "api/:page",
    "site/api/runtime/:page": "api/runtime/:page",
  },
  lastUpdated: false,
  vite: { plugins: [vueOfTheSite] },
  vue: {
    template: { compilerOptions: { isCustomElement: (tag) => tag === "millrace-playground" } },
  },
  themeConfig: {
    nav: [
      { text: "Tutorial", link: "/docs/tutorial" },
      { text: "Concepts", link: "/docs/concepts/time" },
      { text: "API", link: "/api/README" },
    ],
    sidebar: sidebarOf(all) as never,
    outline: [2, 3],
    search: { provider: "local" },
    docFooter: { prev: false, next: false },
  },
  markdown: {
    anchor: { slugify: anchorOf },
    config(markdown) {
      const fence = markdown.renderer.rules.fence!;
      markdown.renderer.rules.fence = (tokens, at, ...others) => {
        const { info, content } = tokens[at] as { readonly info: string; readonly content: string };
        const block = fence(tokens, at, ...others);
        if (!marksOf(info).has("play")) return block;
        const figure = figures.find(({ text }) => text === content);
        if (figure === undefined) throw new Error(`No figure was drawn for:\n${content}`);
        const { text, input, everyMs, ends, svg } = figure;
        return (
          `${block}<millrace-playground v-pre every="${everyMs}"${ends ? "" : " open-ended"} ` +
          `job="${escaped(text)}" input="${escaped(input)}"><figure>${svg}</figure></millrace-playground>`
        );
      };
    },
  },
});
