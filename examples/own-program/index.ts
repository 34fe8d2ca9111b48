// A Pulumi program of your own: it declares its group as it always did and takes the counts from the plan in stacks/.
import { Group, Schedule } from '@pulumi/aws/autoscaling/index.js'
import { LaunchTemplate } from '@pulumi/aws/ec2/index.js'
import { Config } from '@pulumi/pulumi'
import { plannedCapacity } from 'prescale'

const region = 'us-east-1'
const directory = new Config().get('plan') ?? '../..'
const { min, desired, max, schedule } = plannedCapacity(`aws/${region}/web/m7g.xlarge/on-demand`, { directory })

const template = new LaunchTemplate('shop-web', { name: 'shop-web', region, instanceType: 'm7g.xlarge', imageId: 'ami-0123456789abcdef0' })
const group = new Group(
  'shop-web',
  {
    name: 'shop-web',
    region,
    availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
    launchTemplate: { id: template.id, version: '$Latest' },
    minSize: min,
    desiredCapacity: desired,
    maxSize: max,
    waitForCapacityTimeout: '0',
  },
  { protect: true },
)
for (const change of schedule) {
  new Schedule(`shop-web-${change.minuteOfDay}`, {
    scheduledActionName: `shop-web-${change.minuteOfDay}`,
    region,
    autoscalingGroupName: group.name,
    recurrence: change.cron,
    timeZone: 'Etc/UTC',
    minSize: change.min,
    desiredCapacity: change.desired,
    maxSize: change.max,
  })
}

export const capacity = { min, desired, max }
