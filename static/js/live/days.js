// Days of the calendar. Pure.

const kDayMs = 24 * 60 * 60 * 1000;

/**
 * `[{date, value}]`, days in their order, with an entry `{date: null, value: null}` where days are left out: one day far
 * off does not hide the others, and no line is drawn across.
 */
export function withCuts(days) {
  return days.flatMap((entry, index) =>
    index > 0 && !isNext(days[index - 1].date, entry.date) ? [{ date: null, value: null }, entry] : [entry]);
}

const isNext = (one, other) => Date.parse(other) - Date.parse(one) === kDayMs;

/** Whether they are not all of the same year, so that a day and its month do not say which one it is. */
export const spanYears = (days) => new Set(days.map(({ date }) => date.slice(0, 4))).size > 1;
