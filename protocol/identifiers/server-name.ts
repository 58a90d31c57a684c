import ipaddr from 'ipaddr.js'

/** A server name taken apart. An IPv6 host stands without its brackets. */
export interface ServerName {
  readonly kind: 'dns' | 'ipv4' | 'ipv6'
  readonly host: string
  readonly port: number | undefined
}

/** The most characters of a DNS name. */
const MAX_HOST_LENGTH = 255
const MAX_SERVER_NAME_LENGTH = MAX_HOST_LENGTH + ':65535'.length
const MAX_PORT = 65535

// Labels may not be empty: such a host cannot exist, and `..` would be a step up in a path.
const GRAMMAR =
  /^(?:\[(?<ipv6>[0-9A-Fa-f:.]{2,45})\]|(?<host>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*\.?))(?::(?<port>[0-9]{1,5}))?$/
const FOUR_NUMBERS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/
const MAX_OCTET = 255

/**
 * Takes a server name apart (appendices, "Server Name"). Case is kept: names differ by it.
 *
 * @returns undefined for what is not a server name, a port beyond 65535 among it: no server can live there.
 */
export function parseServerName(text: string): ServerName | undefined {
  if (text.length > MAX_SERVER_NAME_LENGTH) return undefined
  const groups = GRAMMAR.exec(text)?.groups
  if (groups === undefined) return undefined
  const port = groups['port'] === undefined ? undefined : Number(groups['port'])
  if (port !== undefined && port > MAX_PORT) return undefined
  const { ipv6, host = '' } = groups
  if (host.length > MAX_HOST_LENGTH) return undefined
  if (ipv6 !== undefined) return ipaddr.IPv6.isValid(ipv6) ? { kind: 'ipv6', host: ipv6, port } : undefined
  const octets = FOUR_NUMBERS.exec(host)
  if (octets === null) return { kind: 'dns', host, port }
  return octets.slice(1).every((octet) => Number(octet) <= MAX_OCTET)
    ? { kind: 'ipv4', host, port }
    : undefined
}

/** Whether a text is a server name. */
export function isServerName(text: string): boolean {
  return parseServerName(text) !== undefined
}
