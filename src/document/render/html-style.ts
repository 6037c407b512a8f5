import { createHash } from 'node:crypto';
import { SERIES_STYLES } from './series-style.ts';

const colors = (theme: 'light' | 'dark'): string =>
  SERIES_STYLES.map((style, i) => `--s${i}:${style[theme]};`).join('');

const LIGHT = `--ground:#fff;--text:#1b1f24;--muted:#57606a;--line:#d0d7de;--panel:#f6f8fa;--link:#0550ae;
--good:#1a7f37;--warning:#8a5a00;--bad:#c01c28;--unknown:#57606a;--limit:#a40e26;--mark:#6e40aa;${colors('light')}`;
const DARK = `--ground:#14181d;--text:#e6e9ed;--muted:#a3adb8;--line:#3b434c;--panel:#1d232a;--link:#79b8ff;
--good:#56d364;--warning:#e3b341;--bad:#ff8a80;--unknown:#a3adb8;--limit:#ff9492;--mark:#c8a8ff;${colors('dark')}`;

/**
 * Styles of the report. Text has a contrast of at least 4.5:1 to its background in both themes, lines 3:1. The contents
 * stand beside the sections where there is room, and else, as on paper, after the answer that a report begins with.
 */
export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media (prefers-color-scheme:dark){:root{${DARK}}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main,header{max-width:72rem;margin:0 auto;padding:0 1.25rem;overflow-wrap:anywhere;min-width:0}
header{padding-top:1.5rem}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.3rem;margin:2.25rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
p{margin:.6rem 0;max-width:75ch}
ul{margin:.6rem 0;padding-left:1.4rem;max-width:75ch}
a{color:var(--link)}
.subtitle{list-style:none;padding:0;color:var(--muted);max-width:none}
#executive-summary>p:first-of-type{font-size:1.15rem}
nav ul{columns:3 15rem;max-width:none;list-style:none;padding:0}
nav li{break-inside:avoid}
nav h3{margin:.75rem 0 .25rem;font-size:.875rem;color:var(--muted)}nav h3+ul{margin-top:0}nav .omitted a{color:var(--muted)}
nav h2{border:0;margin-top:1rem;padding:0;font-size:1rem}
.muted,.text,.caption{color:var(--muted)}
.badge{display:flex;gap:.75rem;align-items:baseline;border:1px solid var(--line);border-left:.4rem solid var(--tone);background:var(--panel);padding:.5rem .75rem;max-width:75ch;border-radius:.25rem}
.badge strong{color:var(--tone);white-space:nowrap}
.good{--tone:var(--good)}.warning{--tone:var(--warning)}.bad{--tone:var(--bad)}.unknown{--tone:var(--unknown)}
td.good,td.warning,td.bad,td.unknown{color:var(--tone)}
td.warning,td.bad{font-weight:600}
.scroll{overflow-x:auto;margin:0 0 1rem;max-width:100%}
.scroll:focus-visible{outline:2px solid var(--link)}
table.whole{width:100%}
table{border-collapse:collapse;min-width:min(100%,30rem);font-size:.875rem;font-variant-numeric:tabular-nums}
.caption,.text{font-size:.875rem}
.caption{margin:1.25rem 0 .35rem}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere;max-width:26rem}
td:not(.right){min-width:5rem}td.name{min-width:9rem}td.word{white-space:nowrap}
th{vertical-align:bottom;border-bottom:2px solid var(--line);overflow-wrap:normal}
.right{text-align:right;white-space:nowrap}
th.right{white-space:normal}
figure{margin:1.5rem 0}
figcaption{font-size:.875rem;max-width:75ch}
figcaption strong{font-size:1rem}
figure .text{margin:.25rem 0}
.legend{list-style:none;padding:0;margin:.25rem 0;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem}
.legend svg{width:2rem;height:.7rem;margin-right:.4rem;vertical-align:middle}
.plot svg{font-size:12px;display:block;width:100%;height:auto;font-family:inherit}
.plot .narrow{display:none}
pre{background:var(--panel);border:1px solid var(--line);border-radius:.25rem;padding:.6rem .75rem;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.875rem}
@media (max-width:40rem){
main,header{padding-left:.9rem;padding-right:.9rem}
.plot .wide{display:none}.plot .narrow{display:block}
.badge{flex-direction:column;gap:0}
}
@media screen and (min-width:75rem){
main,header{max-width:112rem;padding:0 1.5rem}
header{padding-top:1.5rem}
main{display:grid;grid-template:repeat(60,auto) 1fr/16rem minmax(0,1fr);column-gap:1.5rem}
main>section{grid-column:2;min-width:0}
nav{grid-area:1/1/-1/2;position:sticky;top:0;align-self:start;max-height:100vh;overflow-y:auto;padding:1rem .5rem 1rem 0;font-size:.875rem}
nav ul{columns:1}
}
@page{size:A4;margin:14mm 12mm}
@media print{
:root{color-scheme:light;${LIGHT}}
body{font-size:10pt}
main,header{max-width:none;padding:0}
.scroll{overflow:visible}
table{font-size:7.5pt;width:100%}
th,td{padding:.15rem .3rem;max-width:none}
td.name,td:not(.right){min-width:0}td.word{white-space:normal}td:not(.right):first-child{min-width:5em}
.caption,.text,figcaption,nav{font-size:8pt}#executive-summary>p:first-of-type{font-size:12pt}figcaption strong{font-size:10pt}
.right.long{white-space:normal}
td:not(.name),th{overflow-wrap:break-word}
thead{display:table-header-group}
tr,figure,.badge,pre,figcaption,.caption,p,li{break-inside:avoid}
h2,h3,.caption{break-after:avoid}
nav{break-inside:avoid}
.plot .wide{display:block}.plot .narrow{display:none}
a{color:inherit;text-decoration:none}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
`.replaceAll('\n', '');

/** Source of the styles for a Content-Security-Policy: with it no other style takes effect. */
export const REPORT_STYLE_SOURCE = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;
