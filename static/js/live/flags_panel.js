// Who is suspected of fraud right now, why, and since when; calm when nobody is.

import { fetchReport } from '../api.js';
import { byId, element, icon, putChildren, setText } from '../dom.js';
import { serverNow } from '../http.js';
import { clockTime, counted, duration, hasText, number, t } from '../i18n.js';
import { Panel } from '../pages/panel.js';
import { objectLink, savedLink } from '../saved_link.js';

const kEveryMs = 1_000;
const kShown = 20;

export class FlagsPanel extends Panel {
  constructor(spec, context) {
    super(spec, context);
    this.kind = this.kindOf(spec.kind) ?? context.kind;
    this.cards = new Map(); // by key
    this.isInView = true;
    this.poll = { state: 'absent', data: null };
  }

  frame() {
    this.heading.className = 'visually-hidden';
    this.picture = icon('shield');
    this.title = element('p', { class: 'flags-title', role: 'alert' });
    this.about = element('p', { class: 'note flags-note' });
    this.list = element('ul', { class: 'flags-list', tabindex: '0' });
    return element('section', { 'class': 'card flags', 'data-mood': 'loading', 'aria-labelledby': this.heading.id }, this.heading,
      element('div', { class: 'flags-status' }, this.picture, element('div', {}, this.title, this.about)),
      this.list, this.note);
  }

  start() {
    const { signal } = this.life;
    const watch = new IntersectionObserver(([entry]) => this.seen(entry.isIntersecting));
    watch.observe(this.title);
    signal.addEventListener('abort', () => watch.disconnect(), { once: true });
    byId('alarm').href = `#${this.id}`;
    if (this.kind.views.some(({ name }) => name === 'flags')) {
      this.poll = this.context.polls.listen(`/api/v1/views/${this.kind.name}/flags?limit=${kShown}`, kEveryMs,
        () => this.update(), { guarded: this.kind.access !== undefined, signal });
    }
    this.update();
  }

  stop() {
    super.stop();
    byId('alarm').hidden = true;
    this.context.setAlarm('');
  }

  /** Whoever does not have the watch in view is told that it is there. */
  seen(isInView) {
    this.isInView = isInView;
    byId('alarm').hidden = isInView || this.flags.length === 0;
  }

  get flags() {
    return this.poll.data?.flags ?? [];
  }

  update() {
    const wanted = new Map(this.flags.map((flag) => [flag.transactionId, flag]));
    for (const [key, { flag }] of this.cards) {
      if (wanted.get(key)?.flagged_at !== flag.flagged_at) this.cards.delete(key);
    }
    for (const [key, flag] of wanted) {
      if (!this.cards.has(key)) this.add(key, flag);
    }
    putChildren(this.list, [...wanted.keys()].map((key) => this.cards.get(key).node));
    this.render();
    this.context.flagged(this.kind, new Set(wanted.keys()));
  }

  async add(key, flag) {
    const card = new FlagCard(this.kind, flag);
    this.cards.set(key, card);
    try {
      card.report = await fetchReport(this.kind.name, key);
    } catch {
      // Without the reasons it is a suspicion still; they are in the report.
    }
    card.render();
  }

  render() {
    const count = this.flags.length;
    this.showState(this.poll.state);
    const mood = { ready: 'calm', unreachable: 'unknown', locked: 'locked' }[this.poll.state] ?? 'loading';
    this.node.dataset.mood = count > 0 ? 'alarm' : mood;
    setText(this.heading, t('flags.heading'));
    this.list.setAttribute('aria-label', t('flags.list'));
    setText(this.title, count > 0 ? t('flags.alarm') : t(`flags.${mood}`));
    setText(this.about, count > 0 ? this.countText(count) : t('flags.explained'));
    this.picture.firstChild.setAttribute('href', `/icons.svg#${count > 0 ? 'alert' : 'shield'}`);
    this.seen(this.isInView);
    this.context.setAlarm(count > 0 ? t('flags.alarm') : '');
  }

  countText(count) {
    return this.poll.data.cursor ? t('flags.count.more', { count: number(count) }) : counted('flags.count', count);
  }

  tick() {
    for (const card of this.cards.values()) card.tick();
  }

  translate() {
    this.render();
    for (const card of this.cards.values()) card.render();
  }
}

/** One suspect. */
class FlagCard {
  constructor(kind, flag) {
    this.flag = flag;
    this.isGuarded = kind.access !== undefined;
    this.report = null;
    this.left = element('span', { class: 'left' });
    const [since, until] = [Date.parse(flag.flagged_at), Date.parse(flag.flagged_until)];
    this.until = until;
    this.bar = element('progress', { max: until - since, 'aria-hidden': 'true' });
    this.since = element('span', { class: 'note' });
    this.reasons = element('div', { class: 'flag-reasons' });
    this.download = savedLink({
      class: 'button small',
      href: `/api/v1/views/${kind.name}/report?key=${encodeURIComponent(flag.transactionId)}`,
      download: `${kind.name}-${flag.transactionId.replace(/[^\w.-]/g, '_')}.json`,
    });
    this.node = element('li', { class: 'flag' },
      element('div', { class: 'flag-head' }, element('code', { class: 'key' }, flag.transactionId), this.left),
      this.bar, this.reasons,
      element('div', { class: 'flag-foot' }, this.since, this.download));
    this.render();
  }

  render() {
    setText(this.since, t('flags.since', { time: clockTime(Date.parse(this.flag.flagged_at)) }));
    setText(this.download, t('flags.report'));
    const last = this.report?.comparisons?.at(-1);
    this.reasons.replaceChildren(...(last ? comparison(last, this.isGuarded) : []));
    this.tick();
  }

  tick() {
    const left = Math.max(0, this.until - serverNow());
    setText(this.left, t('flags.left', { time: duration(left / 1000) }));
    this.bar.value = left;
  }
}

/** What was compared last, and what is wrong about it. */
function comparison({ reasons, earlier, later }, isGuarded) {
  const list = element('ul', {}, ...reasons.map((reason) => element('li', {}, reasonText(reason))));
  const places = element('ol', { class: 'places' }, ...[earlier, later].map((one) => placeNode(one, isGuarded)));
  return [list, places];
}

function reasonText({ rule, apart_seconds, limit_seconds }) {
  const times = { apart: duration(apart_seconds), limit: duration(limit_seconds) };
  const name = apart_seconds === 0 && hasText(`flags.rule.${rule}.same`) ? `${rule}.same` : rule;
  return hasText(`flags.rule.${name}`) ? t(`flags.rule.${name}`, times) : t('flags.rule.other', { rule, ...times });
}

/** The place leads to the object that the transaction is kept in. */
function placeNode({ place, arrived_at, object }, isGuarded) {
  return element('li', { class: 'place' }, element('span', { class: 'note' }, clockTime(Date.parse(arrived_at))), ' ',
    objectLink(object, isGuarded, place));
}
