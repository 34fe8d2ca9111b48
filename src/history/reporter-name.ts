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

/** @returns the tags that a reporter's name was made of */
export function reporterTags(name: string): ReadonlyMap<string, string> {
  const pairs = [...name.matchAll(/((?:\\.|[^\\,=])+)=((?:\\.|[^\\,=])*)/gs)]
  const plain = (text: string | undefined): string => (text ?? '').replace(/\\(.)/gs, '$1')
  return new Map(pairs.map(([, tag, value]) => [plain(tag), plain(value)]))
}
