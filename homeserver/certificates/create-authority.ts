import forge from 'node-forge'
import { createKeyPair } from './key-pair.ts'
import { newCertificate } from './new-certificate.ts'

const AUTHORITY_KEY_BITS = 3072

/** A certificate and its private key, both PEM. */
export interface CertificateWithKey {
  readonly certificate: string
  readonly privateKey: string
}

/**
 * Makes the certificate authority of a private federation. It signs servers' certificates and nothing else; who
 * has its key can pose as every server of the federation.
 */
export async function createAuthority(name: string, days: number): Promise<CertificateWithKey> {
  const keys = await createKeyPair(AUTHORITY_KEY_BITS)
  const certificate = newCertificate(keys.publicKey, days)
  const subject = [{ name: 'commonName', value: name }]
  certificate.setSubject(subject)
  certificate.setIssuer(subject)
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ])
  certificate.sign(keys.privateKey, forge.md.sha256.create())
  return { certificate: forge.pki.certificateToPem(certificate), privateKey: keys.privateKeyPem }
}
