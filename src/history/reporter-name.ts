/**
 * Name of who measured a sample: its tags besides those that the query fixes, so that every source names one reporter alike.
 * @param tags  name and value, any order
 * @returns `host=lb-1,region=eu`; empty without tags
 */
export function reporterName(tags: readonly (readonly [name: string, value: string])[]): string {
  return tags
    .map(([name, value]) => `${name.replace(/[\\,=]/g, '\\$&')}=${value.replace(/[\\,=]/g, '\\$&')}`)
    .sort()
    .join(',')
}
