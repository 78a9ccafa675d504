"""Rules of style of a report, beside those of every page."""

STYLE = """
figure { margin: 14px 0 4px; break-inside: avoid; }
figcaption { font-size: 13.5px; margin-bottom: 4px; overflow-wrap: anywhere; }
svg { display: block; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow: visible; }
svg.chart { width: 100%; height: auto; }
svg text { fill: var(--ink); } svg .tick, svg .axis { fill: var(--soft); }
.grid { stroke: var(--rule); stroke-width: 1; } .rule { stroke: var(--soft); stroke-width: 1; }
.line, .leader { fill: none; stroke: var(--c); } .line { stroke-width: 2; stroke-linejoin: round; }
.leader { stroke-width: 1; opacity: 0.7; } .band { fill: var(--c); opacity: 0.14; } .many .band { opacity: 0.07; }
.whisker { stroke: var(--c); stroke-width: 2; } .dot { fill: var(--c); }
svg .name text { fill: var(--ink); }
.s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); } .s3 { --c: var(--s3); }
.s4 { --c: var(--s4); } .s5 { --c: var(--s5); } .s6 { --c: var(--s6); } .s7 { --c: var(--s7); }
.line.d1 { stroke-dasharray: 9 4 2 4; } .line.d2 { stroke-dasharray: 2 4; } .line.d3 { stroke-dasharray: 14 3; }
.line.d4 { stroke-dasharray: 5 2 1 2 1 2; } .line.d-base { stroke-dasharray: 7 5; }
svg .up { --c: rgb(var(--up)); } svg .down { --c: rgb(var(--down)); } svg .level { --c: var(--s0); }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 6px 24px; }
.panels.wide { grid-template-columns: repeat(auto-fill, minmax(380px, 1fr)); }
.key { list-style: none; margin: 10px 0; padding: 0; font-size: 13px; columns: 240px; column-gap: 24px; }
.key li { break-inside: avoid; overflow-wrap: anywhere; display: flex; gap: 7px; align-items: baseline; }
.key svg { flex: none; } .line-below { display: block; }
.verdict { white-space: nowrap; } .verdict.up { color: rgb(var(--up)); font-weight: 600; }
.verdict.down { color: rgb(var(--down)); font-weight: 600; }
.cell { text-align: right; white-space: nowrap; padding: 4px 7px; min-width: 46px; }
.matrix { font-size: 12.5px; } .matrix tbody th { padding-right: 14px; min-width: 150px; max-width: 260px; }
td.cell.up { background: rgb(var(--up) / var(--a, 0)); } td.cell.down { background: rgb(var(--down) / var(--a, 0)); }
td.cell.level { color: var(--soft); } td.told { font-weight: 700; } td.self { background: var(--faint); }
.rank { display: inline-block; min-width: 1.4em; color: var(--soft); } .sum > * { border-top: 1px solid var(--ink); }
.study { white-space: normal; max-width: 120px; overflow-wrap: anywhere; }
.entries th { white-space: nowrap; vertical-align: top; padding-right: 24px; font-weight: 400; color: var(--soft); }
.value { overflow-wrap: anywhere; white-space: pre-wrap; } .contents { columns: 300px; padding-left: 20px; }
.contents li { break-inside: avoid; overflow-wrap: anywhere; }
@media print { section { break-before: page; } section:first-of-type { break-before: auto; }
  h2 { margin-top: 0; } h3 { margin-top: 22px; } .lead { font-size: 13pt; }
  .part, .scroll, .key, .note { break-inside: avoid; } .part:has(.panels) { break-inside: auto; }
  .panels { grid-template-columns: repeat(3, 1fr); } .panels.wide { grid-template-columns: repeat(2, 1fr); }
  table { font-size: 9.5pt; } .matrix { font-size: 8.5pt; } .cell { min-width: 0; padding: 3px 4px; }
  .entries { font-size: 8.5pt; } .entries th, .entries td { padding-top: 2px; padding-bottom: 2px; } }
"""
