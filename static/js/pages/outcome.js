// What became of what somebody asked for, where it was asked: waiting, done, or refused and why.

import { Refusal } from '../changes.js';
import { announce, element, setText } from '../dom.js';
import { reasonText } from '../faults.js';
import { ApiProblem } from '../http.js';
import { hasText, t } from '../i18n.js';
import { reasonOf } from '../outcome_view.js';
import { memberTitle } from './formats.js';
import { pointerNames } from '../rules.js';

export class Outcome {
  constructor() {
    this.node = element('span', { class: 'said' });
  }

  say(state, text, isForeign = false) {
    this.node.dataset.state = state;
    this.node.lang = isForeign ? '' : document.documentElement.lang;
    setText(this.node, text);
    if (text) announce(text);
  }

  /**
   * Does it, with the buttons at rest meanwhile, and says what came of it. `work()` resolves to whether it is applied, to
   * undefined if nobody wanted it any more. Whoever has to log in first is asked to. Resolves to whether it was done.
   */
  async watch(work, { kind, context, buttons = [] }) {
    const active = document.activeElement;
    for (const button of buttons) button.disabled = true;
    this.say('waiting', t('action.waiting'));
    try {
      const isApplied = await this.tryAsCaller(work, kind, context);
      if (isApplied === undefined) this.say('idle', '');
      else this.say('done', t(isApplied ? 'action.done' : 'action.accepted'));
      if (isApplied !== undefined) context.changed();
      return isApplied !== undefined;
    } catch (problem) {
      const { text, isForeign } = problemText(problem, kind);
      this.say('refused', text, isForeign);
      return false;
    } finally {
      for (const button of buttons) button.disabled = false;
      if (isLost(document.activeElement)) active?.focus();
    }
  }

  async tryAsCaller(work, kind, context) {
    try {
      return await work();
    } catch (problem) {
      if (problem.status !== 401 || !await context.askToLogIn(kind)) throw problem;
      return work();
    }
  }
}

/** Whether nothing that can be seen has the focus: a button at rest loses it, and a dialog that closes. */
const isLost = (node) => node === document.body || !node?.checkVisibility();

/** Why it was not done, in a sentence: `{text, isForeign}`. */
export function problemText(problem, kind) {
  if (problem instanceof Refusal) {
    const { text, isForeign } = reasonOf(problem.record);
    return { text: t('action.refused', { reason: text }), isForeign };
  }
  if (!(problem instanceof ApiProblem)) throw problem;
  const { status, document: { errors } } = problem;
  if (Array.isArray(errors) && errors.length > 0) {
    return { text: errors.map((error) => faultText(error, kind)).join(' '), isForeign: false };
  }
  return { text: hasText(`action.${status}`) ? t(`action.${status}`) : t('problem.other', { status }), isForeign: false };
}

function faultText({ pointer = '', keyword, detail }, kind) {
  const member = pointerNames(pointer)[0];
  const reason = hasText(`keyword.${keyword}`) ? reasonText(keyword) : detail ?? keyword;
  return t('action.fault', { member: member ? memberTitle(kind, member) : t('refusal.whole'), reason });
}
