import type { SrvRecord } from 'node:dns'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuthority, type CertificateWithKey } from '../../homeserver/certificates/create-authority.ts'
import { issueCertificate } from '../../homeserver/certificates/issue-certificate.ts'
import type { NameResolver } from '../../homeserver/outgoing/addresses/name-resolver.ts'
import type { Dial } from '../client/transport/dial.ts'

const CERTIFICATE_DAYS = 2

/** A network of its own on the loopback interface: certificate authority, DNS and a place for well-known hosts. */
export interface PrivateNetwork {
  readonly resolver: NameResolver
  /** DNS: addresses by host, changed by the tests. */
  readonly addresses: Map<string, string[]>
  /** DNS: SRV records by name. */
  readonly services: Map<string, SrvRecord[]>
  /** Where port 443 of a host really listens; without an entry nothing listens there. */
  readonly httpsPorts: Map<string, number>
  readonly caPath: string
  issue(...names: [string, ...string[]]): Promise<CertificateWithKey>
  /** Leads connections to port 443 to where the tests listen. */
  throughDial(dial: Dial): Dial
  close(): Promise<void>
}

export async function privateNetwork(): Promise<PrivateNetwork> {
  const directory = await mkdtemp(join(tmpdir(), 'meridian-network-'))
  const authority = await createAuthority('Test authority', CERTIFICATE_DAYS)
  const caPath = join(directory, 'ca.pem')
  await writeFile(caPath, authority.certificate)
  const addresses = new Map<string, string[]>()
  const services = new Map<string, SrvRecord[]>()
  const httpsPorts = new Map<string, number>()
  return {
    addresses,
    services,
    httpsPorts,
    caPath,
    resolver: {
      addresses: async (host) => addresses.get(host) ?? [],
      services: async (name) => services.get(name) ?? [],
    },
    issue: (...names) => issueCertificate(authority, names, CERTIFICATE_DAYS),
    throughDial: (dial) => async (server) => {
      const endpoints = server.endpoints.map(({ host, port }) => {
        const real = port === 443 ? httpsPorts.get(host) : port
        if (real === undefined) throw new Error(`nothing listens on port 443 of ${host}`)
        return { host, port: real }
      })
      return dial({ ...server, endpoints })
    },
    close: () => rm(directory, { recursive: true, force: true }),
  }
}
