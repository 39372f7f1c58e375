// Whether the service keeps up: what does not is told above the page, and at its foot since when all of it does.

import { byId, element, putChildren, setText } from './dom.js';
import { dateTime, t } from './i18n.js';
import { Poll } from './live/poll.js';

const kEveryMs = 15_000;
const kParts = ['door', 'storage', 'views'];

export class ServiceStatus {
  constructor() {
    this.lines = new Map(); // by part, what is told
    this.poll = new Poll('/api/v1/status', kEveryMs, () => this.render());
  }

  /** Also in another language. Of a service that does not answer at all, others tell. */
  render() {
    const parts = this.poll.state === 'ready' ? kParts.filter((part) => this.poll.data[part]) : [];
    const troubled = parts.filter((part) => this.of(part).state !== 'works');
    putChildren(byId('trouble'), troubled.map((part) => this.lineOf(part)));
    setText(byId('promise'), parts.length === 0 ? '' : this.promise(parts, troubled));
  }

  of(part) {
    return this.poll.data[part];
  }

  lineOf(part) {
    if (!this.lines.has(part)) this.lines.set(part, element('p'));
    const { state, since } = this.of(part);
    setText(this.lines.get(part), t(`status.${part}.${state}`, { since: since && dateTime(Date.parse(since)) }));
    return this.lines.get(part);
  }

  promise(parts, troubled) {
    if (troubled.length > 0) return t('status.safe');
    const since = Math.max(...parts.map((part) => Date.parse(this.of(part).since)));
    return t('status.kept', { since: dateTime(since) });
  }
}
