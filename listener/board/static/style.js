// All of the board's own styles; colours come from Streamlit's theme, so that light and dark both fit.
export const css = `
.lst { font-size: 0.95rem; line-height: 1.5; color: var(--st-text-color); overflow-wrap: anywhere; min-width: 0; }
.lst p { margin: 0; }
.lst a { color: inherit; text-decoration: none; }
.lst a:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; border-radius: 4px; }
.lst mark { background: var(--st-yellow-background-color); color: inherit; border-radius: 3px; padding: 0.05em 0.1em;
  box-shadow: inset 0 -2px 0 var(--st-yellow-color); }
.lst h2 { font-size: 1.05rem; font-weight: 600; margin: 0 0 0.35rem; padding: 0; }
.lst > * + h2 { margin-top: 1rem; }
.lst > p + dl { margin-top: 0.6rem; }

.lst-row { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.15rem 0.6rem; }
.lst-row.lst-dots { column-gap: 0; }
.lst-dots > *:not(:last-child)::after { content: "·"; margin: 0 0.45rem; opacity: 0.6; }
.lst-grow { flex: 1 1 auto; }
.lst-quiet { color: var(--st-gray-text-color); font-size: 0.85rem; }
.lst-strong { font-weight: 600; }
.lst-nowrap { white-space: nowrap; }

.lst-chip { display: inline-block; border-radius: 999px; padding: 0.05rem 0.6rem; font-size: 0.82rem; font-weight: 600;
  white-space: nowrap; color: var(--st-gray-text-color); background: var(--st-gray-background-color); }
.lst-sev-1 { color: var(--st-blue-text-color); background: var(--st-blue-background-color); }
.lst-sev-2 { color: var(--st-yellow-text-color); background: var(--st-yellow-background-color); }
.lst-sev-3 { color: var(--st-orange-text-color); background: var(--st-orange-background-color); }
.lst-sev-4 { color: var(--st-red-text-color); background: var(--st-red-background-color); }
.lst-good { color: var(--st-green-text-color); }
.lst-soon { color: var(--st-orange-text-color); font-weight: 600; }
.lst-late { color: var(--st-red-text-color); font-weight: 600; }
.lst-late-text { color: var(--st-red-text-color); }
.lst-chip.lst-good { background: var(--st-green-background-color); }
.lst-chip.lst-late { background: var(--st-red-background-color); }
.lst-chip.lst-soon { background: var(--st-orange-background-color); }

.lst-card { border-left: 4px solid var(--st-border-color); padding-left: 0.8rem; }
.lst-card.lst-edge-1 { border-color: var(--st-blue-text-color); }
.lst-card.lst-edge-2 { border-color: var(--st-yellow-color); }
.lst-card.lst-edge-3 { border-color: var(--st-orange-text-color); }
.lst-card.lst-edge-4 { border-color: var(--st-red-text-color); }
.lst-excerpt { display: block; margin: 0.3rem 0; font-size: 1rem; line-height: 1.55; }
.lst-excerpt .lst-body { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden;
  white-space: pre-line; unicode-bidi: isolate; }
.lst-excerpt .lst-title { display: block; font-weight: 600; unicode-bidi: isolate; }
a.lst-excerpt:hover .lst-body { text-decoration: underline; text-decoration-color: var(--st-border-color);
  text-underline-offset: 0.2em; }

.lst-post { white-space: pre-wrap; font-size: 1.08rem; line-height: 1.65; margin: 0.6rem 0; overflow: hidden;
  unicode-bidi: isolate; }
.lst-post .lst-title { display: block; font-weight: 600; margin-bottom: 0.3rem; }
.lst-item { border-left: 3px solid var(--st-border-color); padding: 0.1rem 0 0.1rem 0.75rem; margin: 0.6rem 0; }
.lst-item .lst-body { white-space: pre-wrap; overflow: hidden; unicode-bidi: isolate; }
.lst-own { border-left-color: var(--st-green-color); }
.lst-link { color: var(--st-link-color) !important; text-decoration: underline !important; text-underline-offset: 0.2em; }

.lst-facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 0.9rem; margin: 0; }
.lst-facts dt { color: var(--st-gray-text-color); font-size: 0.88rem; }
.lst-facts dd { margin: 0; font-size: 0.92rem; }
.lst-history { list-style: none; margin: 0; padding: 0; }
.lst-history li { padding: 0.15rem 0; }
.lst-spark { width: 100%; height: 2.5rem; display: block; margin: 0.2rem 0 0.4rem; }
.lst-spark polyline { fill: none; stroke: var(--st-primary-color); stroke-width: 2; vector-effect: non-scaling-stroke; }
.lst-bars { width: 100%; height: 4.5rem; display: block; margin: 0.35rem 0 0.15rem;
  border-bottom: 1px solid var(--st-border-color); }
.lst-small .lst-bars { height: 2.2rem; }
.lst-bar-tall { fill: var(--st-gray-background-color); }
.lst-bar-dark { fill: var(--st-primary-color); }
.lst-bar-unknown { fill: var(--st-background-color); opacity: 0.8; }
.lst-mark-late { stroke: var(--st-red-text-color); stroke-width: 2; vector-effect: non-scaling-stroke; }
.lst-mark-calm { stroke: var(--st-gray-text-color); stroke-width: 1.5; stroke-dasharray: 3 3;
  vector-effect: non-scaling-stroke; }
.lst-ends { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
.lst-key { display: inline-block; width: 0.7rem; height: 0.7rem; border-radius: 2px; margin-right: 0.35rem;
  vertical-align: -0.05rem; }
.lst-key.lst-tall { background: var(--st-gray-background-color); border: 1px solid var(--st-border-color); }
.lst-key.lst-dark { background: var(--st-primary-color); }
.lst-key.lst-late-line { width: 3px; background: var(--st-red-text-color); }
.lst-key.lst-calm-line { width: 3px; background: var(--st-gray-text-color); }
.lst-headline { font-size: 1.15rem; line-height: 1.5; margin: 0.25rem 0; }
.lst-words { display: inline; }
.lst-words > * { font-weight: 600; }
.lst-words > *:not(:last-child)::after { content: " · "; font-weight: 400; opacity: 0.6; }
a.lst-inline { text-decoration: underline; text-underline-offset: 0.2em; }
.lst-factor td { vertical-align: top; padding-bottom: 0.4rem; }
.lst-source { color: var(--st-gray-text-color); font-size: 0.8rem; }
.lst table { border-collapse: collapse; width: 100%; font-size: 0.88rem; }
.lst th { text-align: left; font-weight: 500; color: var(--st-gray-text-color); }
.lst th, .lst td { padding: 0.15rem 0.6rem 0.15rem 0; border: 0; font-variant-numeric: tabular-nums; }
.lst table.lst-figures { width: auto; min-width: min(100%, 34rem); margin: 0.4rem 0 0.8rem; }
.lst-figures tr + tr > td, .lst-figures tbody > tr:first-child > td { border-top: 1px solid var(--st-border-color); }
.lst-figures th, .lst-figures td { padding: 0.3rem 1.2rem 0.3rem 0; }
.lst-figures .lst-number { text-align: right; }
.lst ul { margin: 0.2rem 0 0.6rem; padding-left: 1.2rem; }

.lst-notice { border-radius: 0.5rem; padding: 0.55rem 0.8rem; background: var(--st-blue-background-color);
  color: var(--st-blue-text-color); }
.lst-notice a { text-decoration: underline; font-weight: 600; }
.lst-notice.lst-good { background: var(--st-green-background-color); color: var(--st-green-text-color); }
.lst-notice.lst-soon { background: var(--st-orange-background-color); color: var(--st-orange-text-color); font-weight: 400; }
.lst-notice.lst-late { background: var(--st-red-background-color); color: var(--st-red-text-color); font-weight: 400; }
.lst-empty { text-align: center; padding: 2.5rem 1rem; color: var(--st-gray-text-color); }
.lst-empty .lst-strong { color: var(--st-text-color); font-size: 1.1rem; }

/* Streamlit's own elements, where its settings do not reach. */
[data-testid="stMainBlockContainer"] { padding-top: 4.25rem; max-width: 74rem; }
[data-testid="stSidebarUserContent"] { padding-top: 0; }
.st-key-identity { border-bottom: 1px solid var(--st-border-color); padding-bottom: 0.5rem; }
.st-key-alarms:not(:has(.lst-notice)), .st-key-remember, .st-key-notice:not(:has(.lst)) { display: none; }
.st-key-back { margin-bottom: -1.2rem; }
.st-key-acts:not(:has(button)) { display: none; }
[class*="st-key-acts-"] { justify-content: flex-end; }
[class*="st-key-acts-"] button, .st-key-acts button, .st-key-people button { min-height: 2.75rem; }
@media (min-width: 900px) {
  [class*="st-key-card-"], [class*="st-key-incident-"] { flex-wrap: nowrap !important; }
  [class*="st-key-card-"] > [data-testid="stElementContainer"],
  [class*="st-key-incident-"] > [data-testid="stElementContainer"] { flex: 1 1 0 !important; min-width: 0 !important; }
  [class*="st-key-card-"] > [data-testid="stLayoutWrapper"],
  [class*="st-key-incident-"] > [data-testid="stLayoutWrapper"] { flex: 0 0 auto !important; }
  [class*="st-key-acts-"] { min-width: 9.3rem; flex-wrap: nowrap !important; }
}
@media (max-width: 640px) {
  .st-key-search, .st-key-search > * { width: 100% !important; flex-basis: 100% !important; }
  [class*="st-key-card-"] > [data-testid="stLayoutWrapper"],
  [class*="st-key-incident-"] > [data-testid="stLayoutWrapper"] { flex: 1 1 100% !important; }
  .lst-factor .lst-source { font-size: 0.72rem; }
  [class*="st-key-acts-"] > *, .st-key-acts > * { flex: 1 1 0 !important; }
  [class*="st-key-acts-"] .stButton, [class*="st-key-acts-"] button, .st-key-acts .stButton, .st-key-acts button {
    width: 100% !important; }
  .lst-card .lst-grow { display: none; }
}
`;
