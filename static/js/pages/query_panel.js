// A panel that shows the answer of a query, asked again and again.

import { element, setText } from '../dom.js';
import { t } from '../i18n.js';
import { noteText } from './formats.js';
import { Panel } from './panel.js';
import { addressOf, filledIn, rowsOf, splitName } from './query.js';

const kEveryMs = 3_000;

export class QueryPanel extends Panel {
  constructor(spec, context, path = spec.view, listed = 'views') {
    super(spec, context);
    const { kind, name } = splitName(path);
    this.source = this.kindOf(kind);
    this.view = this.source?.[listed]?.find((one) => one.name === name);
    this.given = filledIn(spec.with, context.row);
    this.remark = element('p', { class: 'note panel-remark', hidden: true });
    this.node.append(this.remark);
    this.everyMs = kEveryMs;
    this.asking = new AbortController();
    this.poll = { state: this.view ? 'loading' : 'absent', data: null };
  }

  start() {
    this.render();
    this.listen();
  }

  /** Asks with the arguments as they are. What was shown stays until there is an answer. */
  listen() {
    if (!this.view) return;
    this.asking.abort();
    this.asking = new AbortController();
    const signal = AbortSignal.any([this.asking.signal, this.life.signal]);
    const guarded = this.source.access !== undefined;
    const path = addressOf(this.view.href, this.given);
    this.poll = this.context.polls.listen(path, this.everyMs, () => this.render(), { guarded, signal });
    if (this.poll.state === 'loading') this.showState('loading');
    else this.render();
  }

  again() {
    if (this.view) this.poll.again();
  }

  get rows() {
    return this.poll.data ? rowsOf(this.poll.data, this.spec.rows) : [];
  }

  isEmpty() {
    return this.rows.length === 0;
  }

  /** With the answer, once there is one. */
  draw() {}

  render() {
    const { state, data } = this.poll;
    const isEmpty = state === 'ready' && this.isEmpty();
    this.setTitle(this.view?.title);
    this.showState(isEmpty ? 'empty' : state);
    this.showRemark(data && !isEmpty ? data : null);
    if (state === 'locked') this.showLocked(this.source);
    else if (state === 'refused') this.hint(t('panel.refused', { reason: this.poll.problem.document.detail ?? '' }));
    else if (isEmpty) this.hint(t('panel.empty'));
    else if (data) this.draw(data);
    else this.hint(t(state === 'unreachable' ? 'panel.unreachable.note' : 'panel.loading'));
  }

  showRemark(data) {
    this.remark.hidden = !this.spec.note || data === null;
    setText(this.remark, this.remark.hidden ? '' : noteText(this.spec.note, data));
  }
}
