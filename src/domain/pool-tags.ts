/**
 * Tags that tie a cloud's group to its pool: on the auto scaling group (AWS), as labels of the instance template (GCP, whose managed groups
 * carry none) and on the scale set (Azure). Names and values keep to the characters that GCP allows in labels, where they are labels.
 */
export const poolTags = {
  workload: 'prescale-workload',
  type: 'prescale-type',
  option: 'prescale-option',
} as const
