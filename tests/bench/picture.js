// Draws the figures as bars, scaled so that all targets are one line. Plain SVG with light and dark
// colours.
const WIDTH = 760;
const LEFT = 300;   // left end of the bars
const SCALE = 150;  // width of a target
const MOST = 2.6;   // longer bars are cut
const ROW = 44;
const TOP = 46;

const signs = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text) => text.replace(/[&<>"]/g, (sign) => signs[sign]);

const style = `
    text { font: 13px system-ui, sans-serif; fill: #1b1f24; }
    .small { font-size: 11px; fill: #59636e; }
    .good { fill: #2f7d4f; } .short { fill: #b4531f; } .target { stroke: #1b1f24; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; } .small { fill: #9da7b3; } .target { stroke: #e6edf3; }
      .good { fill: #57ab75; } .short { fill: #e0823d; }
    }`;

function bar(row, index) {
    const y = TOP + index * ROW;
    const length = Math.min(row.progress, MOST) * SCALE;
    const cut = row.progress > MOST ? ' …' : '';
    return `  <text x="${LEFT - 12}" y="${y + 14}" text-anchor="end">${escape(row.title)}</text>
  <text x="${LEFT - 12}" y="${y + 29}" text-anchor="end" class="small">${escape(row.against)}</text>
  <rect x="${LEFT}" y="${y + 4}" width="${length.toFixed(1)}" height="20" rx="2" class="${
    row.isGood ? 'good' : 'short'}"/>
  <text x="${(LEFT + length + 8).toFixed(1)}" y="${y + 19}">${escape(row.shown)}${cut}</text>`;
}

// rows: {title, against, shown, progress (1: at the target), isGood}
export function picture(rows) {
    const height = TOP + rows.length * ROW + 8;
    const at = LEFT + SCALE;
    const said = escape(rows.map(({ title, against, shown }) =>
        `${title}${against && ` against ${against}`}: ${shown}`).join('; '));
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img"
     aria-label="${said}">
  <style>${style}
  </style>
${rows.map(bar).join('\n')}
  <line x1="${at}" y1="${TOP - 8}" x2="${at}" y2="${height - 8}" stroke-dasharray="4 3"
        class="target"/>
  <text x="${at}" y="${TOP - 16}" text-anchor="middle" class="small">target</text>
</svg>
`;
}
