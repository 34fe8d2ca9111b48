import type { ContributionPart, Exclusion, ExclusionReason } from './forecast.ts'

/** How each part of a median is spoken of. */
export const partNames: Readonly<Record<ContributionPart, string>> = {
  level: 'usual level',
  recent: 'last week',
  day: 'time of day',
  week: 'day of the week',
  events: 'events',
  regressors: 'regressors',
  drivers: 'workloads that drive it',
  network: 'networks',
  models: 'other models',
  coherence: 'agreement with other forecasts',
}

const reasonNames: Readonly<Record<ExclusionReason, readonly [one: string, many: string]>> = {
  gap: ['step was not measured', 'steps were not measured'],
  'not-a-number': ['sample is not a number', 'samples are not numbers'],
  infinite: ['sample is infinite', 'samples are infinite'],
  negative: ['sample is negative', 'samples are negative'],
  'counter-reset': ['counter restarted', 'counters restarted'],
  duplicate: ['sample repeats an instant', 'samples repeat an instant'],
  'out-of-order': ['sample came out of order', 'samples came out of order'],
  frozen: ['step holds one implausible value', 'steps hold one implausible value'],
  'daylight-saving': ['step falls on a daylight-saving change', 'steps fall on a daylight-saving change'],
  outlier: ['step is an outlier', 'steps are outliers'],
}

/** @returns `12 steps were not measured: filled from the day before for the models, and never judged` */
export function exclusionSentence({ reason, count, treatment }: Exclusion): string {
  return `${count} ${reasonNames[reason][count === 1 ? 0 : 1]}: ${treatment}`
}
