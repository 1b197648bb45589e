import { COLOURS, PLOT_CSS } from "./svg.ts";

/** The report's style sheet. Colours are the plots' own, so page and figures turn dark together. */

function variables(scheme: "light" | "dark"): string {
  return Object.entries(COLOURS)
    .map(([name, colour]) => `--${name}:${colour[scheme]};`)
    .join("");
}

/** The colours as custom properties, for the report and for the page. */
export const REPORT_VARIABLES = {
  light: `${variables("light")}--ground:#f6f8fa`,
  dark: `${variables("dark")}--ground:#0f141a`,
} as const;

export const REPORT_CSS = `
:root{color-scheme:light dark;${REPORT_VARIABLES.light}}
@media screen and (prefers-color-scheme:dark){:root{${REPORT_VARIABLES.dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1080px;margin:0 auto;padding:56px 28px 72px}
header{margin-bottom:36px}
.eyebrow{margin:0 0 10px;color:var(--muted);font-size:13px;font-weight:600;letter-spacing:.04em}
h1{margin:0;font-size:34px;line-height:1.2;font-weight:680;letter-spacing:-.018em;text-wrap:balance}
.lede{margin:16px 0 0;max-width:70ch;font-size:18px;line-height:1.55;text-wrap:pretty}
nav{display:flex;flex-wrap:wrap;gap:6px 20px;margin-top:22px;font-size:14px}
a{color:var(--deep);text-decoration-thickness:1px;text-underline-offset:3px}
h2{margin:56px 0 16px;font-size:22px;line-height:1.3;font-weight:660;letter-spacing:-.01em}
h3{margin:0 0 4px;font-size:16px;line-height:1.4;font-weight:640}
p{margin:0 0 12px}
.prose{max-width:74ch}
.note{color:var(--muted);font-size:14px;max-width:80ch}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(186px,1fr));gap:12px;margin:0}
.cards>div,figure,.table,details,.paste{background:var(--paper);border:1px solid var(--grid);border-radius:10px}
.cards>div{padding:15px 16px 14px}
.cards dt{color:var(--muted);font-size:13px}
.cards dd{margin:2px 0 0;font-size:22px;white-space:nowrap;line-height:1.25;font-weight:640;letter-spacing:-.01em}
.cards .long{font-size:18px;line-height:1.53}
.cards small{display:block;margin-top:2px;color:var(--muted);font-size:13px;line-height:1.45;font-weight:400;letter-spacing:0;white-space:normal;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:6px 24px;margin:20px 0 0;font-size:15px}
.facts dt{color:var(--muted)}
.facts dd{margin:0;overflow-wrap:anywhere}
.facts small{margin-left:.6em;color:var(--muted);font-size:13px}
.facts code span{display:inline-block;max-width:100%}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));gap:20px}
.figures .wide{grid-column:1/-1}
figure{margin:0;padding:20px 20px 18px;break-inside:avoid}
figure .qortex-plot{width:100%}
figure:not(.wide) .qortex-plot,.beside .qortex-plot{max-width:620px;margin:0 auto}
.locus .qortex-plot{max-width:860px;margin:0 auto}
figure .qortex-plot .f-paper[height]{fill:none}
figcaption{margin-top:14px;padding-top:14px;border-top:1px solid var(--grid);font-size:14px;line-height:1.55}
figcaption p{margin:0;color:var(--muted);max-width:86ch}
.beside{display:grid;grid-template-columns:minmax(0,600px) minmax(240px,1fr);gap:12px 32px;align-items:center}
.beside figcaption{margin:0;padding:0;border:0}
.table{overflow-x:auto}
h3+.table,.note+.table{margin-top:12px}
.tables>section{margin-top:28px}
table{width:100%;border-collapse:collapse;font-size:14px;line-height:1.45}
th,td{padding:8px 10px;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--grid)}
tr:last-child td{border-bottom:0}
th{color:var(--muted);font-size:13px;font-weight:600;white-space:nowrap}
td{overflow-wrap:break-word}
:is(th,td):first-child{padding-left:16px}:is(th,td):last-child{padding-right:16px}
.number{text-align:right;white-space:nowrap}
.paste{padding:18px 22px;max-width:none}
.paste p{max-width:86ch}
.paste p:last-child{margin:0}
.paste h3{margin-top:18px}
.references{margin:6px 0 0;padding-left:22px;font-size:14px;max-width:96ch;overflow-wrap:break-word}
.references li{margin:0 0 4px}
ul.notes{margin:0;padding-left:20px;max-width:86ch}
details{padding:0}
summary{padding:12px 18px;cursor:pointer;font-weight:600;font-size:15px}
pre{margin:0;padding:14px 18px;border-top:1px solid var(--grid);overflow-x:auto;font:12.5px/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
footer{margin-top:56px;padding-top:16px;border-top:1px solid var(--grid);color:var(--muted);font-size:13px}
:focus-visible{outline:2px solid var(--accent);outline-offset:3px;border-radius:3px}
@media screen and (max-width:760px){.beside{display:block}.beside figcaption{margin-top:14px}}
@media screen and (max-width:640px){main{padding:32px 16px 48px}h1{font-size:27px}.lede{font-size:17px}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:10px}}
@media print{
@page{margin:14mm}
:root{--ground:#fff}
body{font-size:10.5pt}
main{max-width:none;padding:0}
nav,#manifest:not(:has([open])){display:none}
h1{font-size:20pt}h2{margin-top:26pt;font-size:14pt;break-after:avoid}h3{break-after:avoid}
h2{margin-bottom:8pt}
.lede{font-size:12.5pt;margin-top:8pt}
header{margin-bottom:14pt}
.cards{grid-template-columns:repeat(auto-fit,minmax(118px,1fr));gap:6pt}
.cards>div{padding:8pt}.cards dd{font-size:13pt}.cards .long{font-size:11pt}.cards small,.cards dt,.facts{font-size:8.5pt}
.facts{margin-top:10pt;gap:2pt 14pt}
.figures{grid-template-columns:1fr 1fr;gap:10pt}
figure{padding:10pt}
figcaption{margin-top:6pt;padding-top:6pt;font-size:8.5pt;line-height:1.4}
.beside{grid-template-columns:1.4fr 1fr}
.table{overflow:visible}
.note,.paste,.references,ul.notes{font-size:8.5pt}
table{font-size:7.5pt}th{font-size:7pt}th,td{padding:2.5pt 3.5pt}
.tables>section{margin-top:14pt}
tr,.cards>div,.paste p,.note{break-inside:avoid}
.note{break-after:avoid}
.tables>section:not(:first-child){break-inside:avoid}
thead{display:table-header-group}
}
${PLOT_CSS}
`.trim();
