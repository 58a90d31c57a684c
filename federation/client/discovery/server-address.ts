import { isIP } from 'node:net'

/** The parts of a server name (appendices, "Server name"). */
export interface ServerAddress {
  /** A DNS name, or an IP address without brackets. */
  readonly host: string
  readonly isIpLiteral: boolean
  readonly port: number | undefined
}

const GRAMMAR = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9A-Za-z.-]{1,255}))(?::(\d{1,5}))?$/
const MAX_PORT = 65_535
/** A DNS name whose last label is a number would be read as an IPv4 address in a dozen odd notations. */
const NUMERIC_ENDING = /(?:^|\.)(?:\d+|0x[0-9A-Fa-f]*)\.?$/

/** @returns undefined for what is no server name that can be connected to. */
export function parseServerAddress(serverName: string): ServerAddress | undefined {
  const [, ipv6, name, portText] = GRAMMAR.exec(serverName) ?? []
  const port = portText === undefined ? undefined : Number(portText)
  if (port !== undefined && (port === 0 || port > MAX_PORT)) return undefined
  if (ipv6 !== undefined) return isIP(ipv6) === 6 ? { host: ipv6, isIpLiteral: true, port } : undefined
  if (name === undefined) return undefined
  if (isIP(name) === 4) return { host: name, isIpLiteral: true, port }
  return NUMERIC_ENDING.test(name) ? undefined : { host: name, isIpLiteral: false, port }
}
