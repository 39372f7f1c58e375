// What a service outside says, and how old that is.

import { element, setText } from '../dom.js';
import { serverNow } from '../http.js';
import { duration, t, titleOf } from '../i18n.js';
import { memberTitle, nodeOf } from './formats.js';
import { QueryPanel } from './query_panel.js';

const kEveryMs = 30_000;

export class LookupPanel extends QueryPanel {
  constructor(spec, context) {
    super(spec, context, spec.lookup, 'lookups');
    this.everyMs = kEveryMs;
    this.facts = element('dl', { class: 'facts' });
    this.age = element('p', { class: 'note age' });
  }

  isEmpty() {
    return false;
  }

  draw(data) {
    this.facts.replaceChildren(...this.spec.values.map((value) => element('div', {},
      element('dt', {}, titleOf(value.title) || memberTitle(this.source, value.member)),
      element('dd', {}, nodeOf(data[value.member], value)))));
    this.put(this.facts, this.age);
    this.tick();
  }

  tick() {
    const { data } = this.poll;
    if (!data) return;
    const seconds = Math.max(0, (serverNow() - Date.parse(data.fetched_at)) / 1000);
    this.age.classList.toggle('old', data.stale === true);
    setText(this.age, t(data.stale ? 'lookup.stale' : 'lookup.age', { time: duration(seconds) }));
  }
}
