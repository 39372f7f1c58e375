// How many records a second come in, from how many there have been so far. Pure.

const kSeconds = 60;
const kWindow = 3; // a rate is that of the last so many seconds

export class Rate {
  constructor() {
    this.samples = []; // {at, count}, at in seconds
  }

  add(at, count) {
    if (count < (this.samples.at(-1)?.count ?? 0)) this.samples = []; // the counter began anew
    this.samples.push({ at, count });
    this.samples = this.samples.filter((sample) => at - sample.at <= kSeconds + kWindow);
  }

  /** Records a second in the window that ends at `at`; 0 before anything is known. */
  at(at) {
    const last = this.samples.findLast((sample) => sample.at <= at);
    const first = this.samples.findLast((sample) => sample.at <= at - kWindow) ?? this.samples[0];
    return last && first && last.at > first.at ? (last.count - first.count) / (at - first.at) : 0;
  }
}

/** The rates of all together at each second of the last minute, the oldest first. */
export function lastMinute(rates, now) {
  const seconds = Array.from({ length: kSeconds }, (_, index) => index + 1 - kSeconds);
  return seconds.map((ago) => rates.reduce((sum, rate) => sum + rate.at(now + ago), 0));
}
