// Days of the calendar. Pure.

const kDayMs = 24 * 60 * 60 * 1000;

/** `[{date, orders}]` in order, with the days between that had none, so that a line falls to zero there. */
export function withEmptyDays(days) {
  if (days.length === 0) return [];
  const known = new Map(days.map((entry) => [entry.date, entry]));
  const filled = [];
  const last = Date.parse(days.at(-1).date);
  for (let at = Math.max(Date.parse(days[0].date), last - 92 * kDayMs); at <= last; at += kDayMs) {
    const date = new Date(at).toISOString().slice(0, 10);
    filled.push(known.get(date) ?? { date, orders: 0 });
  }
  return filled;
}
