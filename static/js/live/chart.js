// The one file that knows Chart.js.

const kLibrary = '/vendor/chart.js/chart.min.js';
const kTypes = { bars: 'bar', line: 'line', pie: 'doughnut' };

let library = null;

/** Loads it once, when the first chart is drawn; rejects if it cannot be had. */
async function load() {
  library ??= import(kLibrary).then(() => globalThis.Chart);
  return library;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class ChartView {
  /**
   * `shape`: bars, line or pie. `format(value)` in the page's language, `formatShort` for the axis, which goes `from` one
   * value `to` another if they are given; `isBare`: without axes. It ends with the signal.
   */
  constructor(canvas, { shape, format, formatShort = format, isBare = false, from, to }, signal) {
    Object.assign(this, { canvas, shape, format, formatShort, isBare, from, to });
    this.chart = null;
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.repaint(), { signal });
    signal.addEventListener('abort', () => this.chart?.destroy(), { once: true });
    this.signal = signal;
  }

  /** Shows `[{label, value}]`, of a pie with a `colour` each, no line at a value of null; rejects without the library. */
  async show(points) {
    this.points = points;
    const Chart = await load();
    if (this.signal.aborted) return;
    this.chart ??= new Chart(this.canvas, { type: kTypes[this.shape], data: { datasets: [] } });
    this.repaint();
  }

  repaint() {
    if (!this.chart || this.signal.aborted) return;
    this.chart.data = {
      labels: this.points.map(({ label }) => label),
      datasets: [{ data: this.points.map(({ value }) => value), ...this.look() }],
    };
    this.chart.options = this.options();
    this.chart.update('none');
  }

  look() {
    const accent = colour('--accent');
    if (this.shape === 'bars') return { backgroundColor: accent, borderRadius: 5, maxBarThickness: 28 };
    if (this.shape === 'pie') return { backgroundColor: this.points.map((point) => shade(point.colour)), borderColor: colour('--surface') };
    return {
      borderColor: accent,
      backgroundColor: colour('--tint'),
      fill: true,
      borderWidth: 2,
      pointRadius: this.isBare ? 0 : 3,
      pointBackgroundColor: accent,
      tension: 0.25,
      cubicInterpolationMode: 'monotone',
    };
  }

  options() {
    const isBars = this.shape === 'bars';
    return {
      indexAxis: isBars ? 'y' : 'x',
      animation: false,
      maintainAspectRatio: false,
      events: this.isBare ? [] : undefined,
      interaction: this.shape === 'pie' ? {} : { mode: 'index', axis: isBars ? 'y' : 'x', intersect: false },
      scales: this.scales(),
      plugins: {
        legend: { display: false },
        tooltip: { displayColors: false, callbacks: { label: (point) => this.said(point) } },
      },
    };
  }

  said({ raw, label }) {
    return this.shape === 'pie' ? `${label}: ${this.format(raw)}` : this.format(raw);
  }

  scales() {
    if (this.shape === 'pie') return {};
    const ends = { beginAtZero: true, min: this.from, max: this.to };
    const values = { ...this.axis(), ...ends, grid: { color: colour('--line'), drawBorder: false } };
    const names = { ...this.axis(), grid: { display: false, drawBorder: false } };
    values.ticks = { ...values.ticks, maxTicksLimit: 4, precision: 0, callback: (value) => this.formatShort(value) };
    return this.shape === 'bars' ? { x: values, y: names } : { x: names, y: values };
  }

  axis() {
    const { fontFamily } = getComputedStyle(this.canvas);
    return {
      display: !this.isBare,
      ticks: { color: colour('--quiet'), font: { family: fontFamily, size: 12 }, maxRotation: 0, autoSkipPadding: 12 },
    };
  }
}

/** A colour, or one of those of the page by its name. */
const shade = (name) => (name.startsWith('--') ? colour(name) : name);
