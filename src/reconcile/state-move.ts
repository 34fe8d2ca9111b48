/** A resource as the engine's state holds it; what is not named here goes with it unread. */
export interface StateResource {
  readonly urn: string
  readonly type: string
  readonly id?: string
  readonly parent?: string
  /** URN and id of its provider, joined by `::`. */
  readonly provider?: string
  readonly [property: string]: unknown
}

const rootType = 'pulumi:pulumi:Stack'

/**
 * The resources of a stack with one more, which has stood in another stack: under this one's root, and with this one's own provider where it has
 * one, else with the other's. (The engine's own `state move` refuses where both stacks have a provider of one name.)
 * @param from      full name of the stack that it stood in
 * @param source    resources of that stack
 * @param resource  one of them
 * @param to        full name of this stack
 */
export function withResourceOf(resources: readonly StateResource[], to: string, resource: StateResource, from: string, source: readonly StateResource[]): readonly StateResource[] {
  const here = (urn: string): string => urn.replace(`urn:pulumi:${from}::`, `urn:pulumi:${to}::`)
  const root = resources.find(({ type }) => type === rootType)
  const theirs = source.find(({ urn, id }) => `${urn}::${id ?? ''}` === resource.provider)
  const own = theirs && resources.find(({ urn }) => urn === here(theirs.urn))
  const provider = own ?? (theirs && under(root, { ...theirs, urn: here(theirs.urn) }))
  return [
    ...resources,
    ...(own === undefined && provider !== undefined ? [provider] : []),
    { ...under(root, { ...resource, urn: here(resource.urn) }), ...(provider !== undefined && { provider: `${provider.urn}::${provider.id ?? ''}` }) },
  ]
}

/** A stack that was never applied has no root yet; the first apply brings it. */
function under(root: StateResource | undefined, resource: StateResource): StateResource {
  const { parent: _parent, ...rest } = resource
  return root === undefined ? rest : { ...rest, parent: root.urn }
}
