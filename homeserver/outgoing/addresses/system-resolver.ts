import { lookup, Resolver } from 'node:dns/promises'
import { hostsFile } from './hosts-file.ts'
import type { NameResolver } from './name-resolver.ts'

/** One question to one name server; a resolver that has not answered by then rarely does. */
const QUERY_TIMEOUT_MS = 3_000
const QUERY_TRIES = 2
/** More addresses of one host than are ever tried. */
const MAX_ADDRESSES = 16
/** `getaddrinfo` takes one of Node's four worker threads, which file access and password hashing share. */
const MAX_SYSTEM_LOOKUPS = 1

const NOT_THERE: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'ENODATA'])

async function emptyWhenAbsent<Item>(answer: Promise<Item[]>): Promise<Item[]> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && 'code' in error && NOT_THERE.has(error.code)) return []
    throw error
  }
}

/** Both address families at once; what one family's failure hides, the other may still show. */
async function queryAddresses(dns: Resolver, host: string): Promise<string[]> {
  const answers = await Promise.allSettled([
    emptyWhenAbsent(dns.resolve4(host)),
    emptyWhenAbsent(dns.resolve6(host)),
  ])
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  const failure = answers.find((answer) => answer.status === 'rejected')
  if (found.length === 0 && failure) throw failure.reason
  return found
}

/**
 * Names by the hosts file, then DNS. Names of several labels never go through `getaddrinfo`: a name server that
 * somebody keeps slow on purpose would hold the threads that everything else needs. Names of one label
 * (`localhost`, a container's name) are the local network's and follow the machine's own rules.
 */
export function systemResolver(): NameResolver {
  const dns = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES })
  const inHostsFile = hostsFile()
  let systemLookups: Promise<unknown>[] = []

  const systemAddresses = async (host: string): Promise<string[]> => {
    while (systemLookups.length >= MAX_SYSTEM_LOOKUPS) await Promise.race(systemLookups)
    const asked = emptyWhenAbsent(lookup(host, { all: true, order: 'verbatim' }))
    const settled = asked.catch(() => undefined)
    systemLookups.push(settled)
    try {
      return (await asked).map(({ address }) => address)
    } finally {
      systemLookups = systemLookups.filter((other) => other !== settled)
    }
  }

  return {
    async addresses(host) {
      const fixed = await inHostsFile(host)
      if (fixed.length > 0) return fixed
      const found = host.includes('.') ? await queryAddresses(dns, host) : await systemAddresses(host)
      return found.slice(0, MAX_ADDRESSES)
    },
    services: (name) => emptyWhenAbsent(dns.resolveSrv(name)),
  }
}
