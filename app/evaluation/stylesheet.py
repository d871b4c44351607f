"""How the page of a report looks: light and dark, on a phone and on a desk."""

from typing import Final

STYLESHEET: Final = """
:root {
  color-scheme: light dark;
  --ink: #1c2733; --paper: #fbfaf7; --card: #fff; --quiet: #586673; --line: #dcd8cf;
  --right: 0 98 93; --wrong: 158 52 12; --silent: 132 140 148; --training: 98 80 190;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8e6e1; --paper: #14191e; --card: #1a2127; --quiet: #9aa7b2; --line: #2f3a44;
    --right: 79 195 184; --wrong: 240 140 90; --silent: 110 122 133; --training: 176 164 250;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
body { overflow-wrap: anywhere; }
td, thead th { overflow-wrap: normal; }
main { max-width: 70rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, h3 { line-height: 1.2; letter-spacing: -.01em; }
h1 { margin: 0; font-size: clamp(1.75rem, 6vw, 2.5rem); }
h2 { margin: 3rem 0 1rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 1.5rem; }
h3 { margin: 2rem 0 .75rem; font-size: 1.125rem; }
p { margin: .25rem 0; }
ul { padding-left: 1.25rem; }
li { margin: .25rem 0; }
a { color: rgb(var(--right)); }
.quiet, caption, small, figcaption { color: var(--quiet); }
:focus-visible { outline: 2px solid rgb(var(--right)); outline-offset: 2px; }

.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0; }
.tile { padding: .875rem 1rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
.tile dt { color: var(--quiet); font-size: .875rem; }
.tile dd { margin: 0; font-size: 1.75rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile small { display: block; font-size: .8125rem; font-weight: 400; line-height: 1.35; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9375rem; }

table { border-collapse: collapse; font-size: .9375rem; font-variant-numeric: tabular-nums; }
caption { padding: 0 0 .5rem; font-size: .875rem; text-align: left; }
th, td { padding: .3125rem .625rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
th { font-weight: 500; }
thead th { color: var(--quiet); font-size: .8125rem; vertical-align: bottom; }
th:first-child, .pairs thead th:nth-child(2), .name { text-align: left; overflow-wrap: anywhere; }
.pairs, .intents { width: 100%; margin-top: 1.5rem; }
.numbers { width: 100%; max-width: 34rem; }
.pairs, .intents { table-layout: fixed; }
.pairs thead th, .intents thead th:first-child { width: 36%; }
.pairs thead th:nth-child(n + 3) { width: 14%; }
.bar { display: block; width: 100%; height: .375rem; margin-top: .1875rem; border-radius: 2px; }
section > .bar { max-width: 34rem; height: 1rem; margin-top: .75rem; border-radius: 4px; }
.track { fill: var(--line); }
rect.right { fill: rgb(var(--right)); }
rect.wrong { fill: rgb(var(--wrong)); }
rect.silent { fill: rgb(var(--silent)); }
details { margin-top: .75rem; }
summary { color: rgb(var(--right)); cursor: pointer; }
details table { margin-top: .75rem; }

.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0; }
.legend { color: var(--quiet); font-size: .875rem; }
.key::before {
  display: inline-block; width: 1.5rem; margin-right: .5rem; border-top: 2.5px solid rgb(var(--right));
  content: ""; vertical-align: middle;
}
.key.training::before { border-top: 2.5px dashed rgb(var(--training)); }
.key.mark::before { border-top: 2px dotted var(--quiet); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; padding: .75rem; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
figcaption { margin-bottom: .25rem; font-size: .875rem; }
.chart { display: block; width: 100%; max-width: 34rem; height: auto; margin: 0 auto; }
.chart text { fill: var(--quiet); font-size: 13px; font-variant-numeric: tabular-nums; }
.chart .value { text-anchor: end; }
.chart .epoch { text-anchor: middle; }
.ruler { stroke: var(--line); }
.axis { stroke: var(--quiet); }
line.mark { stroke: var(--quiet); stroke-dasharray: 1.5 4; stroke-linecap: round; stroke-width: 2; }
polyline { fill: none; stroke: rgb(var(--right)); stroke-linejoin: round; stroke-width: 2.25; }
polyline.training { stroke: rgb(var(--training)); stroke-dasharray: 6 4; }
circle { fill: rgb(var(--right)); }
circle.training { fill: rgb(var(--training)); }

.swatch {
  display: inline-block; width: .75rem; height: .75rem; margin-right: .5rem; border-radius: 2px;
  background: rgb(var(--hue) / var(--share, 1)); print-color-adjust: exact;
}
tbody th:has(.swatch) { padding-left: 1.25rem; text-indent: -1.25rem; }
.ramp { display: inline-flex; align-items: center; }
.ramp .swatch { width: .625rem; margin: 0; border-radius: 0; }
.ramp .swatch:first-of-type { margin-left: .5rem; }
.right { --hue: var(--right); }
.wrong { --hue: var(--wrong); }
.silent { --hue: var(--silent); }
.wide { overflow-x: auto; margin: .75rem 0 1.5rem; }
.heat { border-collapse: separate; border-spacing: 1px; font-size: .75rem; }
.heat caption { position: sticky; left: 0; white-space: nowrap; }
.heat th, .heat td { padding: 0; border: 0; vertical-align: middle; }
.heat td { min-width: 1.625rem; height: 1.625rem; background: rgb(var(--silent) / .09); text-align: center; }
.heat thead td { background: none; }
.heat td[class] { background: rgb(var(--hue) / var(--share)); print-color-adjust: exact; }
.heat span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.heat thead th { padding: 0 0 .375rem; }
.heat thead span {
  max-height: 11rem; margin: 0 auto; transform: rotate(180deg);
  text-orientation: sideways; writing-mode: vertical-rl;
}
.heat tbody th { position: sticky; left: 0; padding-right: .5rem; background: var(--paper); text-align: right; }
.heat tbody th span { max-width: 12rem; }
.heat tr:hover th { color: rgb(var(--right)); }
.shade-1 { --share: .20; } .shade-2 { --share: .26; } .shade-3 { --share: .32; }
.shade-4 { --share: .38; } .shade-5 { --share: .44; } .shade-6 { --share: .50; }
.shade-7 { --share: .80; } .shade-8 { --share: .90; } .shade-9 { --share: 1; }
.heat .shade-7, .heat .shade-8, .heat .shade-9 { color: var(--paper); }

@media (max-width: 40rem) {
  main { padding: 1.25rem 1rem 3rem; }
  th, td { padding: .3125rem .375rem; }
  table { font-size: .875rem; }
  .chart text { font-size: 16px; }
  .heat { font-size: .6875rem; }
  .heat tbody th span { max-width: 7.5rem; }
  .intents th:not(:first-child), .intents td { padding-inline: .25rem; }
  .intents thead th { font-size: .6875rem; }
  .intents thead th:first-child { width: 28%; }
  .pairs thead th { width: 34%; }
  .pairs thead th:nth-child(n + 3) { width: 16%; }
}
"""
