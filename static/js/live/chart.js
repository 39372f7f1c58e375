// The one file that knows Chart.js.

const kLibrary = '/vendor/chart.js/chart.min.js';

let library = null;

/** Loads it once, when the first chart is drawn; rejects if it cannot be had. */
async function load() {
  library ??= import(kLibrary).then(() => globalThis.Chart);
  return library;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class ChartView {
  /**
   * `shape`: bars or line. `format(value)` in the page's language, `formatShort` for the axis; `isBare`:
   * without axes.
   */
  constructor(canvas, { shape, format, formatShort = format, isBare = false }) {
    this.canvas = canvas;
    this.shape = shape;
    this.format = format;
    this.formatShort = formatShort;
    this.isBare = isBare;
    this.chart = null;
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.repaint());
  }

  /** Shows `[{label, value}]`, no line at a value of null; rejects if the library cannot be had. */
  async show(points) {
    this.points = points;
    const Chart = await load();
    this.chart ??= new Chart(this.canvas, { type: this.shape === 'bars' ? 'bar' : 'line', data: { datasets: [] } });
    this.repaint();
  }

  repaint() {
    if (!this.chart) return;
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
    const values = { ...this.axis(), beginAtZero: true, grid: { color: colour('--line'), drawBorder: false } };
    const names = { ...this.axis(), grid: { display: false, drawBorder: false } };
    values.ticks = { ...values.ticks, maxTicksLimit: 4, precision: 0, callback: (value) => this.formatShort(value) };
    return {
      indexAxis: isBars ? 'y' : 'x',
      animation: false,
      maintainAspectRatio: false,
      events: this.isBare ? [] : undefined,
      interaction: { mode: 'index', axis: isBars ? 'y' : 'x', intersect: false },
      scales: isBars ? { x: values, y: names } : { x: names, y: values },
      plugins: {
        legend: { display: false },
        tooltip: { displayColors: false, callbacks: { label: ({ raw }) => this.format(raw) } },
      },
    };
  }

  axis() {
    const { fontFamily } = getComputedStyle(this.canvas);
    return {
      display: !this.isBare,
      ticks: { color: colour('--quiet'), font: { family: fontFamily, size: 12 }, maxRotation: 0, autoSkipPadding: 12 },
    };
  }
}
