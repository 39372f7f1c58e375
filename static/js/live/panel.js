// What the dashboard's panels have in common: a state, and one line about it that is always there.

import { byId, setText } from '../dom.js';
import { t } from '../i18n.js';
import { caller } from '../people/session.js';

/** `state` of the panel `id`: loading, empty, ready, locked, unreachable or absent; absent ones are not shown. */
export function showState(id, state) {
  const panel = byId(id);
  panel.dataset.state = state;
  panel.hidden = state === 'absent';
  const notes = { loading: t('panel.loading'), unreachable: t('panel.unreachable') };
  setText(panel.querySelector('.panel-note'), notes[state] ?? '');
}

/** In the place of what only others may see. */
export const lockedText = () => t(caller() ? 'panel.not_yours' : 'panel.locked');
