/**
 * The domain of a user, room, alias or event id: what follows its first colon. Undefined without one.
 * The rules compare domains of ids whose form was checked on receipt, so nothing more is checked here.
 */
export function domainOf(id: string): string | undefined {
  const colon = id.indexOf(':')
  return colon === -1 ? undefined : id.slice(colon + 1)
}
