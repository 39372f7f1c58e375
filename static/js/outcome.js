// What became of an accepted upload in the cache. Pure.

const kShownRecords = 100;

/**
 * The answers about the slices of a file as one: `{state, notApplied, records}`; state is done, partly, unapplied or
 * parked, `records` the first of those that were not applied, `{index, key, outcome, reason}`, counted in the file.
 * `answers`: `[{before, state, records, more}]`, `before` being the records of the file in front of the slice.
 */
export function sumUp(answers) {
  const records = answers.flatMap(({ before, records: some = [] }) =>
    some.map((record) => ({ ...record, index: record.index + before })));
  const more = answers.reduce((sum, answer) => sum + (answer.more ?? 0), 0);
  const state = stateOf(answers.map((answer) => answer.state));
  return { state, notApplied: records.length + more, records: records.slice(0, kShownRecords) };
}

function stateOf(states) {
  if (states.includes('parked')) return 'parked';
  if (states.every((state) => state === 'applied')) return 'done';
  return states.every((state) => state === 'refused') ? 'unapplied' : 'partly';
}
