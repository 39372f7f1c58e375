// A password on the screen: hidden, unless its owner wants to see it.

import { element, icon } from '../dom.js';
import { t } from '../i18n.js';

/** The input with a button beside it that shows what is in it. */
export function secret(input) {
  const button = element('button', {
    'type': 'button', 'class': 'reveal', 'aria-pressed': 'false', 'aria-controls': input.id,
    'aria-label': t('password.show'), 'data-label': 'password.show',
    'onclick': () => show(input.type === 'password'),
  }, icon('eye'));
  const show = (isShown) => {
    input.type = isShown ? 'text' : 'password';
    button.setAttribute('aria-pressed', String(isShown));
  };
  const box = element('span', { class: 'secret' });
  input.replaceWith(box);
  box.append(input, button);
  return { box, hide: () => show(false) };
}
