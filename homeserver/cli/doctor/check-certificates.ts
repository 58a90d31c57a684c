import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Config } from '../../config/config.ts'
import { certificateHost } from '../../certificates/issue-certificate.ts'
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts'

const SUBJECT = 'certificate'
const DAY_MS = 86_400_000
/** Time enough to renew by hand. */
const RENEWAL_DAYS = 14

function checkDates(certificate: X509Certificate): Finding {
  const days = Math.floor((Date.parse(certificate.validTo) - Date.now()) / DAY_MS)
  if (days < 0) return fail(SUBJECT, `It expired on ${certificate.validTo}. Renew it ("meridian ca issue").`)
  if (days < RENEWAL_DAYS) return warn(SUBJECT, `It expires in ${days} days. Renew it ("meridian ca issue").`)
  return ok(SUBJECT, `Valid for ${days} more days.`)
}

function checkHost(certificate: X509Certificate, serverName: string): Finding {
  const host = certificateHost(serverName)
  const named = isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)
  if (named !== undefined) return ok(SUBJECT, `It names ${host}.`)
  return warn(
    SUBJECT,
    `It does not name ${host}. Other servers accept it only if /.well-known/matrix/server sends them to a name in it.`,
  )
}

async function checkAuthorities(paths: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const path of paths) {
    try {
      const authority = new X509Certificate(await readFile(path))
      findings.push(
        authority.ca
          ? ok('authority', `${path} is valid until ${authority.validTo}.`)
          : fail(
              'authority',
              `${path} is no authority's certificate. Name the authority's in federation_custom_ca_list.`,
            ),
      )
    } catch (error) {
      findings.push(fail('authority', `${path} cannot be used: ${reasonOf(error)}`))
    }
  }
  return findings
}

/** Looks at the server's certificate and at the authorities that it trusts. */
export async function checkCertificates(config: Config): Promise<Finding[]> {
  const authorities = await checkAuthorities(config.federation.customCaPaths)
  const { tls } = config.listeners
  if (!tls)
    return [ok(SUBJECT, 'None configured: no listener speaks TLS, a reverse proxy has to.'), ...authorities]
  try {
    const certificate = new X509Certificate(await readFile(tls.certificatePath))
    const key = createPrivateKey(await readFile(tls.privateKeyPath))
    const pair = certificate.checkPrivateKey(key)
      ? []
      : [fail(SUBJECT, `${tls.privateKeyPath} is not the key of ${tls.certificatePath}. Issue both again.`)]
    return [...pair, checkDates(certificate), checkHost(certificate, config.serverName), ...authorities]
  } catch (error) {
    return [fail(SUBJECT, `It cannot be used: ${reasonOf(error)}`), ...authorities]
  }
}
