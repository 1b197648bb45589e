import { REPORT_VARIABLES } from "../../report/reportStyle.ts";
import { COLOURS } from "../../report/svg.ts";

/**
 * The report's colours as variables, and the plots' classes by these variables. The switch (`data-theme` of the root) and the system's
 * scheme then drive page and plots alike; a plot's own rules, which follow the system alone, are left out where it is put into the page.
 * Paper is always white.
 */
export function themeCss(): string {
  const { light, dark } = REPORT_VARIABLES;
  const plots = Object.keys(COLOURS)
    .map(
      (name) => `.qortex-plot .f-${name}{fill:var(--${name})}.qortex-plot .s-${name}{stroke:var(--${name})}`,
    )
    .join("");
  return [
    `:root{color-scheme:light;${light}}`,
    `@media screen{:root[data-theme="dark"]{color-scheme:dark;${dark}}}`,
    `@media screen and (prefers-color-scheme:dark){:root:not([data-theme="light"]){color-scheme:dark;${dark}}}`,
    ".qortex-plot{display:block;max-width:100%;height:auto}.qortex-plot text{white-space:pre}",
    plots,
  ].join("\n");
}
