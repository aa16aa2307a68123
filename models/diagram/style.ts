/**
 * How a diagram looks, in the light and in the dark.
 *
 * @module
 */

/** The colours of a diagram; boxes are coloured by what they do. */
export interface Palette {
  readonly paper: string;
  readonly ink: string;
  readonly line: string;
  readonly rim: string;
  /** Of the ground of a group. */
  readonly group: string;
  /** Of a box, by {@linkcode boxFamily}. */
  readonly boxes: Readonly<Record<BoxFamily, string>>;
}

/** What a box does: holds weights, normalises, pools, merges, something else; or stands for a module, or an end. */
export type BoxFamily = "weights" | "norm" | "pool" | "merge" | "plain" | "module" | "end";

/** For readers who prefer light, or say nothing. */
export const LIGHT: Palette = {
  paper: "#ffffff",
  ink: "#1b1f24",
  line: "#57606a",
  rim: "#c2c9d1",
  group: "#f3f5f7",
  boxes: {
    weights: "#cfe3ff",
    norm: "#fbe3b8",
    pool: "#d9f2d0",
    merge: "#f6d3e4",
    plain: "#e9ebee",
    module: "#dcd8f7",
    end: "#ffffff",
  },
};

/** For readers who prefer dark. */
export const DARK: Palette = {
  paper: "#0d1117",
  ink: "#f0f3f6",
  line: "#9ea7b3",
  rim: "#3d444d",
  group: "#151b23",
  boxes: {
    weights: "#12385f",
    norm: "#4a3508",
    pool: "#17401f",
    merge: "#551a3b",
    plain: "#2a313c",
    module: "#352d66",
    end: "#0d1117",
  },
};

/** The class of the image, before all its rules: it may be put into a page that has other images. */
export const CLASS = "convbench-diagram";

// Colours are written out: many converters know no CSS variables.
const colours = ({ paper, ink, line, rim, group, boxes }: Palette): string =>
  [
    `.paper{fill:${paper}}`,
    `text{fill:${ink}}`,
    `.group{fill:${group};stroke:${rim}}`,
    `.name{stroke:${group}}`,
    `.edge{stroke:${line}}`,
    `.head{fill:${line}}`,
    ...Object.entries(boxes).map(([family, fill]) => `.${family} rect{fill:${fill};stroke:${line}}`),
  ].map((rule) => `.${CLASS} ${rule}`).join("\n");

/** The rules of an image; letters are monospaced, so that their width is known. */
export const STYLE: string = `
.${CLASS} text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.${CLASS} .box text{text-anchor:middle}
.${CLASS} .box tspan:first-child{font-weight:bold}
.${CLASS} .name{paint-order:stroke;stroke-width:4px}
.${CLASS} .edge{fill:none}
${colours(LIGHT)}
@media (prefers-color-scheme:dark){
${colours(DARK)}
}
`;
