/**
 * prescale.yaml of a new project: what everyone must set stands there, what most will want stands beside it as a comment that can be
 * uncommented as it is, line by line.
 * @param reference  folder of the reference pages, as seen from the project
 */
export function settingsTemplate(name: string, reference: string): string {
  return `# yaml-language-server: $schema=${reference}/prescale.schema.json
# Every key with its meaning and default: ${reference}/prescale.yaml.md
# Check the file, and what it needs: prescale doctor

# Stacks are called ${name}.<cloud>-<region>.
name: ${name}

# Instance types and prices. Put in what you pay.
catalogue: catalogue.yaml

# Demand as measured. The token is read from the environment: export INFLUX_TOKEN=...
history:
  source: influx2
  url: http://localhost:8086
  org: my-org
  bucket: telegraf

#forecast: { step: 1h, horizon: 48h }

#plan:
#  quantile: 0.95
#  survive: { zone: true, region: false }

# No plan exceeds these; \`always\` asks for the id of the plan that was reviewed.
#limits: { usdPerHour: 100, floorShare: 0.5 }
approval: always

#tags: { team: platform, managed-by: prescale }

# Where users are. Round trips to regions are estimated from distance unless you give measured ones.
userZones:
  - { name: us-east, latitude: 40.71, longitude: -74.01 }
  - { name: eu-west, latitude: 51.51, longitude: -0.13 }
#  - { name: asia, latitude: 1.35, longitude: 103.82, latencyMs: { aws/us-east-1: 230 } }

# Each region is one stack. Without launch settings nodes start from a current Linux in the default network.
regions:
  - cloud: aws
    region: us-east-1
    zones: [us-east-1a, us-east-1b, us-east-1c]
    quotaVcpu: { on-demand: 256, spot: 256 }
#    launch: { template: my-launch-template, subnets: [subnet-0a1b2c3d, subnet-1a2b3c4d, subnet-2a3b4c5d] }
  - cloud: aws
    region: eu-west-1
    zones: [eu-west-1a, eu-west-1b, eu-west-1c]
    quotaVcpu: { on-demand: 256, spot: 256 }
#  - cloud: gcp
#    region: europe-west1
#    zones: [europe-west1-b, europe-west1-c, europe-west1-d]
#    quotaVcpu: { on-demand: 256, spot: 256 }
#    launch: { subnets: [default], identity: nodes@my-project.iam.gserviceaccount.com }
#  - cloud: azure
#    region: westeurope
#    zones: ['1', '2', '3']
#    quotaVcpu: { on-demand: 256, spot: 256 }
#    launch: { resourceGroup: my-resource-group }

workloads:
  - name: web
    unit: requests/s
    # Samples of this measurement carry the tags workload=web and user_zone=<name of a user zone>.
    demand: { measurement: http_requests, field: count, kind: count }
    userZones: [us-east, eu-west]
    latencyLimitMs: 120
    # One request per second keeps 0.02 vCPU busy. Known per type instead: serves: { perNode: { m7g.xlarge: 200 } }
    serves: { perUnit: { vcpu: 0.02 } }
    types: [m7g.xlarge, c6i.xlarge]
    spotShare: 0.5
    nodes: { min: 2, max: 50 }
    # From order to serving; measured lead times replace it.
    leadTime: 5m
#    regions: { prefer: [aws/eu-west-1] }
    # What prescale owns: count (the number of nodes), bounds (the cloud's autoscaler moves within) or schedule.
    owns: bounds
#    freezes:
#      - { cron: '0 15 * * 2', timeZone: Europe/London, lasts: 1h, reason: weekly release }
#    maintenance:
#      - { cron: '0 4 1 * *', lasts: 2h, reason: network work, regions: [aws/us-east-1] }
`
}
