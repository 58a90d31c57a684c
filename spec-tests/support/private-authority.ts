import { writeFile } from 'node:fs/promises'
import { createAuthority, type CertificateWithKey } from '../../homeserver/certificates/create-authority.ts'
import { issueCertificate } from '../../homeserver/certificates/issue-certificate.ts'

const DAYS = 2

/** The certificate authority of a private federation of tests. */
export interface PrivateAuthority {
  /** The file with its certificate. */
  readonly path: string
  issue(serverName: string): Promise<CertificateWithKey>
}

/** Makes one. @param path the file that its certificate is written to. */
export async function createPrivateAuthority(path: string): Promise<PrivateAuthority> {
  const authority = await createAuthority('Authority of the tests', DAYS)
  await writeFile(path, authority.certificate)
  return { path, issue: (serverName) => issueCertificate(authority, [serverName], DAYS) }
}
