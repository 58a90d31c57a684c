import { readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'

const HOSTS_PATH = '/etc/hosts'
/** Ample for the largest hosts files in use; a bigger one is a mistake. */
const MAX_HOSTS_BYTES = 4 * 1024 * 1024

/** The addresses of a hosts file by lower-case name (hosts(5)). */
export function parseHosts(text: string): Map<string, string[]> {
  const hosts = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/)
    if (isIP(address) === 0) continue
    for (const name of names) {
      const key = name.toLowerCase()
      hosts.set(key, [...(hosts.get(key) ?? []), address])
    }
  }
  return hosts
}

/**
 * Looks names up in the machine's hosts file, which the asynchronous DNS client of Node does not read. The file
 * is read again when it has changed; a machine without one has no entries.
 */
export function hostsFile(path: string = HOSTS_PATH): (name: string) => Promise<readonly string[]> {
  let seen = ''
  let hosts = new Map<string, string[]>()
  return async (name) => {
    const status = await stat(path).catch(() => undefined)
    if (status === undefined || status.size > MAX_HOSTS_BYTES) return []
    const version = `${status.mtimeMs}/${status.size}/${status.ino}`
    if (version !== seen) {
      hosts = parseHosts(await readFile(path, 'utf8'))
      seen = version
    }
    return hosts.get(name.toLowerCase()) ?? []
  }
}
