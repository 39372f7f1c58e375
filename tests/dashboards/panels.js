// Draws a dashboard on page.html: its panels where they lie, each as its type says, as far as our dashboards need it.

const kColours = ['#73bf69', '#f2cc0c', '#8ab8ff', '#ff780a', '#f2495c', '#5794f2', '#b877d9', '#ca95e5', '#56a64b',
  '#e0b400', '#3274d9', '#fa6400', '#c4162a', '#8f3bb8', '#96d98d', '#ffee52', '#c0d8ff', '#ffb357', '#ff7383'];
const kNamed = { green: '#73bf69', red: '#f2495c' };
const kMinute = 60_000;
const kSeconds = [[3600, 'hour'], [60, 'min'], [1, 's'], [1e-3, 'ms'], [1e-6, 'µs']];
const counted = (what) => [1000, [what, `K ${what}`, `M ${what}`]];
const kScales = {
  none: [Infinity, ['']],
  bytes: [1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']],
  Bps: [1000, ['B/s', 'kB/s', 'MB/s', 'GB/s']],
  ...{ cps: counted('c/s'), mps: counted('msg/s'), ops: counted('ops/s'), reqps: counted('req/s') },
};

const short = (number) => String(Math.abs(number) >= 100 ? Math.round(number) : Number(number.toPrecision(3)));
const moment = (time) => new Date(time).toISOString().slice(0, 19).replace('T', ' ');
const last = ({ points }) => points.at(-1)[1];

/** The value as Grafana writes that unit. */
function said(value, unit) {
  if (unit === 'percentunit') return `${short(value * 100)}%`;
  if (unit === 's') {
    const [size, name] = kSeconds.find(([least]) => value >= least) ?? [1, 's'];
    return `${short(value / size)} ${name}`;
  }
  const [base, names] = kScales[unit];
  const power = names.findIndex((_, index) => Math.abs(value) < base ** (index + 1) || index === names.length - 1);
  return `${short(power ? value / base ** power : value)} ${names[power]}`;
}

/** Between the lines of a chart up to there: a number that reads well in that unit. */
function stepOf(highest, unit) {
  const rough = highest / 4;
  if (unit === 'bytes') return 2 ** Math.ceil(Math.log2(rough));
  const base = unit === 's' && highest > 100 ? 60 : 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10, 60].map((times) => times * base).find((step) => step >= rough);
}

/** An element at the end of that one. */
function add(parent, name, className = '', text = '', color = '') {
  const made = Object.assign(document.createElement(name), { className, textContent: text });
  made.style.color = color;
  parent.append(made);
  return made;
}

function drawLines(place, { series, unit }, { from, to }) {
  const canvas = add(add(place, 'div', 'plot'), 'canvas');
  const legend = add(place, 'div', 'legend');
  const datasets = series.map(({ name, points }, index) => {
    const colour = kColours[index % kColours.length];
    const entry = add(legend, 'span', '', name);
    entry.prepend(add(entry, 'i'));
    entry.firstChild.style.background = colour;
    return { data: points.map(([x, y]) => ({ x, y })), borderColor: colour, borderWidth: 1.5, pointRadius: 0 };
  });
  const highest = Math.max(...datasets.flatMap(({ data }) => data.map(({ y }) => y))) || 1;
  const stepSize = stepOf(highest, unit);
  const minutes = Array.from({ length: (to - from) / kMinute + 1 }, (_, index) => ({ value: from + index * kMinute }));
  const grid = { color: '#2a2d33', drawBorder: false, drawTicks: false };
  const ticks = { color: '#9d9fab', font: { size: 11 }, padding: 6, maxRotation: 0 };
  const x = { type: 'linear', grid, min: from, max: to, afterBuildTicks: (axis) => { axis.ticks = minutes; } };
  const y = { grid, min: 0, max: Math.ceil(highest / stepSize) * stepSize };
  x.ticks = { ...ticks, callback: (value) => moment(value).slice(11, 16) };
  y.ticks = { ...ticks, stepSize, callback: (value) => said(value, unit) };
  const look = { layout: { padding: { right: 14, top: 6 } }, plugins: { legend: { display: false } } };
  const options = { animation: false, maintainAspectRatio: false, scales: { x, y }, ...look };
  new globalThis.Chart(canvas, { type: 'line', data: { datasets }, options });
}

const colourOf = ({ steps }, value) => kNamed[steps.findLast((step) => value >= (step.value ?? value)).color];

function drawStats(place, panel) {
  const isAlone = panel.series.length === 1;
  const stats = add(place, 'div', isAlone ? 'stats alone' : 'stats');
  for (const one of panel.series) {
    const stat = add(stats, 'div', '', isAlone ? '' : one.name);
    add(stat, 'b', '', said(last(one), panel.unit), colourOf(panel, last(one)));
  }
}

function drawBars(place, panel) {
  const bars = add(place, 'div', 'bars');
  const highest = Math.max(...panel.series.map(last)) || 1;
  for (const one of panel.series) {
    const background = colourOf(panel, last(one));
    add(bars, 'span', '', one.name);
    Object.assign(add(add(bars, 'div'), 'i').style, { width: `${(100 * last(one)) / highest}%`, background });
    add(bars, 'span', '', said(last(one), panel.unit), background);
  }
}

function drawTable(place, { series, unit }, { to }) {
  const labels = Object.keys(Object.assign({}, ...series.map((one) => one.labels)));
  const rows = series.map((one) => [moment(to), ...labels.map((label) => one.labels[label]), said(last(one), unit)]);
  const table = add(place, 'table');
  for (const row of [['Time', ...labels, 'Value'], ...rows]) {
    const line = add(table, 'tr');
    for (const cell of row) add(line, 'td', '', cell);
  }
}

const kTypes = { timeseries: drawLines, stat: drawStats, bargauge: drawBars, table: drawTable };

globalThis.draw = ({ title, variables, panels, ...range }) => {
  const header = document.querySelector('header');
  header.textContent = `Comporta / ${title}`;
  for (const name of variables) add(header, 'small', '', `${name}: All`);
  add(header, 'small', '', `${moment(range.from)} to ${moment(range.to)} UTC`);
  for (const panel of panels) {
    const { x, y, w, h } = panel.place;
    const place = add(document.querySelector('main'), 'section');
    place.style.gridArea = `${y + 1} / ${x + 1} / span ${h} / span ${w}`;
    add(place, 'h2', '', panel.title);
    kTypes[panel.type](place, panel, range);
  }
};
