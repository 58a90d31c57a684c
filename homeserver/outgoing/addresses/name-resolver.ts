import type { SrvRecord } from 'node:dns'

/** What discovery asks of DNS. Names come without a trailing dot. */
export interface NameResolver {
  /** IP addresses of a host, best first; empty when there are none. Rejects when DNS could not be asked. */
  addresses(host: string): Promise<readonly string[]>
  /** SRV records of a service; empty when there are none. Rejects when DNS could not be asked. */
  services(name: string): Promise<readonly SrvRecord[]>
}
