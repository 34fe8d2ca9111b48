/** Settings of user zone, regions and workload, up to what a test adds to the workload. */
export const webOfTwoClouds = `userZones:
  - { name: us-east, latitude: 40.71, longitude: -74.01 }
regions:
  - { cloud: aws, region: us-east-1, zones: [us-east-1a, us-east-1b, us-east-1c] }
  - { cloud: gcp, region: us-central1, zones: [us-central1-a, us-central1-b, us-central1-c] }
workloads:
  - name: web
    unit: requests/s
    demand: { measurement: http_requests, kind: count }
    userZones: [us-east]
    serves: { perUnit: { vcpu: 0.02 } }
    types: [m7g.xlarge, n2d-standard-4]
`
