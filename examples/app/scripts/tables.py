#!/usr/bin/env python3
"""Prints the number tables of this application, so that each can be traced to its formula.

    tables.py log2|biquads|ntc10k|ntc5k|magnus|chain

ntc*: counts of a 12-bit converter for 1 degree steps, -40 … +85, pull-up 10 k (5 k), R(T) = R25*exp(B*(1/T - 1/T25)).
chain: the known answer of the filter chain, computed a second way.
"""
import math
import struct
import sys
import zlib


def rows(values, width=10, text="{}"):
    values = [text.format(v) for v in values]
    return "\n".join("    " + ", ".join(values[i:i + width]) + "," for i in range(0, len(values), width))


def log2():
    return rows([round(math.log2(1 + i / 32) * 65536) for i in range(33)])


def biquads():
    lines = []
    for share in (200, 100, 50, 20, 10, 5):
        k = math.tan(math.pi / share)
        n = 1 / (1 + math.sqrt(2) * k + k * k)
        one = 1 << 30
        b0 = round(k * k * n * one)
        a1 = round(2 * (k * k - 1) * n * one)
        b1 = 2 * b0
        a2 = 4 * b0 - one - a1  # unity gain at zero, exactly
        lines.append(f"    {{{b0}, {b1}, {b0}, {a1}, {a2}}},  // 1/{share}")
    return "\n".join(lines)


def ntc(r25, beta, pull_up):
    counts = []
    for t in range(-40, 86):
        r = r25 * math.exp(beta * (1 / (t + 273.15) - 1 / 298.15))
        counts.append(round(4095 * r / (r + pull_up)))
    return rows(counts)


def magnus():
    # Saturation vapour pressure over water in Pa, -40 … +60 in steps of 4 degrees.
    return rows([round(611.2 * math.exp(17.62 * t / (243.12 + t))) for t in range(-40, 64, 4)])


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else values[middle - 1] + (values[middle] - values[middle - 1]) // 2


def chain():
    """Outlier (k 3.0, width 100, patience 4), median of 3, mean of 4, low pass 1/10: CRC-32 and rejections."""
    b0, b1, b2, a1, a2 = 72429549, 144859098, 72429549, -1227265970, 443242342
    x1 = x2 = y1 = y2 = 1000
    carried = rejected = in_a_row = 0
    window, recent, mean = [], [], []
    crc = 0
    for i in range(64):
        x = 30000 if i == 20 else 1000 + i % 3 if i < 32 else 5000 - i % 5
        if len(window) < 7:
            window.append(x)
        else:
            centre = median(window)
            width = max(median([abs(w - centre) for w in window]) * 30 // 10, 100)
            if abs(x - centre) <= width:
                in_a_row = 0
                window = window[1:] + [x]
            else:
                rejected += 1
                in_a_row += 1
                if in_a_row == 4:
                    in_a_row = 0
                    window = [x]
                else:
                    x = centre
        recent = (recent + [x])[-3:]
        mean = (mean + [median(recent)])[-4:]
        x = (sum(mean) + len(mean) // 2) // len(mean)
        total = carried + b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        y = total >> 30
        carried = total - (y << 30)
        x2, x1, y2, y1 = x1, x, y1, y
        crc = zlib.crc32(struct.pack("<i", y), crc)
    return f"CRC-32 {crc:#010x}, {rejected} rejected"


TABLES = {"chain": chain, "log2": log2, "biquads": biquads, "ntc10k": lambda: ntc(10000, 3435, 10000),
          "ntc5k": lambda: ntc(5000, 3977, 5000), "magnus": magnus}

if __name__ == "__main__":
    print(TABLES[sys.argv[1]]())
