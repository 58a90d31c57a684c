import { isIP } from 'node:net'
import forge from 'node-forge'
import type { CertificateWithKey } from './create-authority.ts'
import { createKeyPair } from './key-pair.ts'
import { newCertificate } from './new-certificate.ts'

const SERVER_KEY_BITS = 2048
/** A common name holds at most 64 characters (RFC 5280, appendix A); who is longer is named by its alternative name alone. */
const COMMON_NAME_MAX = 64
const DNS_NAME = 2
const IP_ADDRESS = 7

/** The host of a server name: what its certificate must name (server-server API, "Resolving server names"). */
export function certificateHost(serverName: string): string {
  const literal = /^\[(.+)\](?::\d+)?$/.exec(serverName)
  return literal?.[1] ?? serverName.replace(/:\d+$/, '')
}

/**
 * Issues a certificate with a new key to a server. Issuing again renews it.
 *
 * @param names server names, host names or IP addresses that it is valid for; the first is its common name.
 * @throws Error when the authority's certificate or key is no PEM of an RSA key.
 */
export async function issueCertificate(
  authority: CertificateWithKey,
  names: readonly [string, ...string[]],
  days: number,
): Promise<CertificateWithKey> {
  const issuer = forge.pki.certificateFromPem(authority.certificate)
  const issuerKey = forge.pki.privateKeyFromPem(authority.privateKey)
  const keys = await createKeyPair(SERVER_KEY_BITS)
  const certificate = newCertificate(keys.publicKey, days)
  if (certificate.validity.notAfter > issuer.validity.notAfter)
    certificate.validity.notAfter = issuer.validity.notAfter
  const hosts = names.map(certificateHost)
  const [first = ''] = hosts
  certificate.setSubject(first.length > COMMON_NAME_MAX ? [] : [{ name: 'commonName', value: first }])
  certificate.setIssuer(issuer.subject.attributes)
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
    {
      name: 'subjectAltName',
      critical: first.length > COMMON_NAME_MAX,
      altNames: hosts.map((host) =>
        isIP(host) ? { type: IP_ADDRESS, ip: host } : { type: DNS_NAME, value: host },
      ),
    },
  ])
  certificate.sign(issuerKey, forge.md.sha256.create())
  return { certificate: forge.pki.certificateToPem(certificate), privateKey: keys.privateKeyPem }
}
