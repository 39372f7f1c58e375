"""What a newcomer does first, however it was started: opens the page, and sends the sample."""

import json
from pathlib import Path

from client import UPLOADS

SAMPLE = Path(__file__).resolve().parents[2] / "kinds" / "transaction" / "examples" / "Dados.json"


def send_the_sample(comporta):
    """From the door to the store and to Redis. Returns its records and the receipt."""
    sample = json.loads(SAMPLE.read_text())
    assert comporta.get("/").headers["content-type"].startswith("text/html")
    assert comporta.get("/vendor/chart.js/chart.min.js").status == 200
    answer = comporta.request("POST", UPLOADS, SAMPLE.read_bytes(), {"Content-Type": "application/json"})
    assert answer.status == 202, answer
    receipt = answer.json()
    comporta.wait_settled(receipt["batches"])
    assert comporta.get(receipt["links"]["objects"][0]).status == 200
    assert comporta.get(f"{UPLOADS}/{sample[0]['_id']}").json()["record"]["cliente"] == sample[0]["cliente"]
    return sample, receipt
