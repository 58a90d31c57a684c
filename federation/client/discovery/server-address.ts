import { isIP } from 'node:net'
import { parseServerName } from '../../../protocol/identifiers/server-name.ts'

/** A server name as a place on the network. */
export interface ServerAddress {
  /** A DNS name, or an IP address without brackets. */
  readonly host: string
  readonly isIpLiteral: boolean
  readonly port: number | undefined
}

/** A DNS name whose last label is a number would be read as an IPv4 address in a dozen odd notations. */
const NUMERIC_ENDING = /(?:^|\.)(?:\d+|0x[0-9A-Fa-f]*)\.?$/

/** @returns undefined for what is no server name, or one that nothing can connect to. */
export function parseServerAddress(serverName: string): ServerAddress | undefined {
  const parsed = parseServerName(serverName)
  if (parsed === undefined || parsed.port === 0) return undefined
  const { host, port } = parsed
  if (isIP(host) !== 0) return { host, isIpLiteral: true, port }
  return parsed.kind === 'dns' && !NUMERIC_ENDING.test(host) ? { host, isIpLiteral: false, port } : undefined
}
