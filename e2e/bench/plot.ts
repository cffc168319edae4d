/** Line plots as SVG, readable on light and dark pages, no script. */

export interface Series {
  label: string;
  points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  title: string;
  x: string;
  y: string;
  series: readonly Series[];
  /** Logarithmic x axis, base 2. */
  log?: boolean;
}

const SIZE = { width: 420, height: 280 };
const EDGE = { left: 56, right: 14, top: 48, bottom: 46 };
/** Told apart without colour vision, and on black as on white. */
const COLOURS = ['#3d7fc1', '#c1663d', '#4d9a62'];
/** Room for a line's name. */
const LEGEND = 88;
const INK = '#7a7a7a';

/** About five round steps from 0 to above `most`. */
function ticks(most: number): number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

const text = (x: number, y: number, value: string, extra = ''): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="${INK}" font-size="11" ${extra}>${value}</text>`;

/** The inside of one plot, at the origin. */
function panel({ title, x, y, series, log = false }: Plot): string {
  const { width, height } = SIZE;
  const all = series.flatMap(({ points }) => points);
  const scale = (value: number): number => (log ? Math.log2(value) : value);
  const xs = all.map(([value]) => scale(value));
  const [low, high] = [Math.min(...xs), Math.max(...xs)];
  const marks = ticks(Math.max(...all.map(([, value]) => value)));
  const top = marks.at(-1)!;
  const px = (value: number): number => EDGE.left + ((scale(value) - low) / (high - low)) * (width - EDGE.left - EDGE.right);
  const py = (value: number): number => height - EDGE.bottom - (value / top) * (height - EDGE.top - EDGE.bottom);
  const grid = marks.map((mark) => {
    const line = `<line x1="${EDGE.left}" x2="${width - EDGE.right}" y1="${py(mark)}" y2="${py(mark)}" stroke="${INK}" stroke-opacity="0.25"/>`;
    return line + text(EDGE.left - 6, py(mark) + 4, String(mark), 'text-anchor="end"');
  });
  const values = [...new Set(series[0]!.points.map(([value]) => value))];
  const every = Math.ceil(values.length / 7);
  const places = values.filter((_, i) => i % every === 0).map((value) => text(px(value), height - EDGE.bottom + 16, String(value), 'text-anchor="middle"'));
  const lines = series.map(({ points, label }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const path = points.map(([a, b]) => `${px(a).toFixed(1)},${py(b).toFixed(1)}`).join(' ');
    const dots = points.map(([a, b]) => `<circle cx="${px(a).toFixed(1)}" cy="${py(b).toFixed(1)}" r="2" fill="${colour}"/>`).join('');
    const name = series.length > 1 ? `<text x="${width - EDGE.right - (series.length - 1 - i) * LEGEND}" y="32" fill="${colour}" font-size="11" text-anchor="end">${label}</text>` : '';
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}${name}`;
  });
  const axes = text(width / 2, height - 8, x, 'text-anchor="middle"') + text(10, 32, y);
  const heading = text(10, 16, title, 'font-weight="bold"');
  return [heading, axes, ...grid, ...places, ...lines].join('\n');
}

/** Plots side by side in one picture. */
export function picture(plots: readonly Plot[]): string {
  const width = SIZE.width * plots.length;
  const panels = plots.map((plot, i) => `<g transform="translate(${i * SIZE.width} 0)">\n${panel(plot)}\n</g>`);
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${SIZE.height}" width="${width}" height="${SIZE.height}" font-family="sans-serif">`;
  return `${head}\n${panels.join('\n')}\n</svg>\n`;
}
