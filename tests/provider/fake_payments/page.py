"""The provider's page, at which charges are paid by a click; it works without a script."""

import html

from .book import text_of

HEAD = """<!doctype html><html lang="pt-BR"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Pagamentos de faz de conta</title><style>
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:1rem auto;padding:0 1rem}
article{border:1px solid #ccc;border-radius:.5rem;padding:.75rem 1rem;margin:.75rem 0}
form{display:inline}button{font:inherit;padding:.3rem .8rem;margin:.2rem .3rem .2rem 0}
h2{font-size:1.1rem;margin:0}code{overflow-wrap:anywhere}small{color:#555}</style>
<h1>Pagamentos de faz de conta</h1>
<p>Nenhum dinheiro se move aqui. <span lang="en">No money is moved here.</span> <a href="/">Atualizar / Reload</a></p>"""
# What can be done to a charge: the label, and what is sent to /control/pay and the like.
PAY = (("Pagar / Pay", "pay", {}), ("Pagar metade / Pay half", "pay", {"share": "0.5"}),
       ("Recusar / Reject", "pay", {"status": "rejected"}))
UNDO = (("Estornar / Refund", "refund", {}), ("Contestar / Charge back", "charge-back", {}))
DROP = (("Expirar / Expire", "expire", {}),)
AGAIN = (("Avisar outra vez / Notify again", "notify", {}),)


def _button(charge, label, action, fields):
    hidden = "".join(f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
                     for name, value in {"charge": charge.id, **fields}.items())
    return f'<form method="post" action="/control/{action}">{hidden}<button>{html.escape(label)}</button></form>'


def _actions(charge):
    yield from PAY if not charge.is_paid and charge.state == "created" else ()
    yield from UNDO if charge.paid else ()
    yield from DROP if charge.status == "created" else ()
    yield from AGAIN


def _charge(charge):
    paid = "".join(f"<li>{payment.id}: R$ {text_of(payment.amount)}, {payment.status}</li>" for payment in charge.payments)
    buttons = "".join(_button(charge, *action) for action in _actions(charge))
    return (f'<article data-reference="{html.escape(charge.reference)}" data-status="{charge.status}">'
            f"<h2>{html.escape(charge.title or charge.reference)}: R$ {text_of(charge.total)}</h2>"
            f"<p><small>{html.escape(charge.reference)} · {charge.api} · {charge.status} · pago / paid R$ "
            f"{text_of(charge.paid)}</small></p><ul>{paid}</ul>{buttons}<p><code>{html.escape(charge.qr)}</code></p></article>")


def page(book):
    with book.lock:
        charges = "".join(_charge(charge) for charge in reversed(book.charges))
    return HEAD + (charges or "<p>Nada a pagar. <span lang='en'>Nothing to pay.</span></p>")
