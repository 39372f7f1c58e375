#!/usr/bin/env python3
"""Makes consumidores.csv: 200 made-up customers, in the columns of the well-known table Mall_Customers."""

import csv
import random
from pathlib import Path

SEED = 20260311
ROWS = 200
COLUMNS = ["CustomerID", "Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)"]


def customer(draw, number):
    """The young spend somewhat more than the old; for the rest, nobody knows."""
    gender = draw.choices(["Female", "Male"], [56, 44])[0]
    age = min(70, max(18, round(draw.gauss(39, 14))))
    income = min(137, max(15, round(draw.gauss(60, 26))))
    score = min(99, max(1, round(draw.gauss(73 - 0.6 * age, 24))))
    return [number, gender, age, income, score]


def main():
    draw = random.Random(SEED)
    with (Path(__file__).parent / "consumidores.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(customer(draw, number) for number in range(1, ROWS + 1))


if __name__ == "__main__":
    main()
