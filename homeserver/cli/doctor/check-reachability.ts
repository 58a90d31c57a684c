import { readFile } from 'node:fs/promises'
import { Agent, fetch } from 'undici'
import type { Config } from '../../config/config.ts'
import { localBaseUrl } from '../register-user.ts'
import { ok, reasonOf, warn, type Finding } from './finding.ts'

const SUBJECT = 'reachability'
const TIMEOUT_MS = 5_000
const PATH = '/_matrix/client/versions'

async function reach(base: string, authorities: string[], advice: string): Promise<Finding> {
  const url = new URL(PATH, base)
  const dispatcher = new Agent({ connect: authorities.length > 0 ? { ca: authorities } : {} })
  try {
    const response = await fetch(url, {
      dispatcher,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
    })
    await response.body?.cancel()
    if (response.ok) return ok(SUBJECT, `${url.origin} answers.`)
    return warn(SUBJECT, `${url.origin} answers ${response.status} to ${PATH}. ${advice}`)
  } catch (error) {
    return warn(SUBJECT, `${url.origin} does not answer: ${reasonOf(error)}. ${advice}`)
  } finally {
    await dispatcher.close()
  }
}

/** Whether the server answers on this machine and, where one is configured, under its public address. */
export async function checkReachability(config: Config): Promise<Finding[]> {
  const files = config.federation.customCaPaths.map((path) => readFile(path, 'utf8').catch(() => ''))
  const authorities = (await Promise.all(files)).filter((text) => text !== '')
  const findings = [await reach(localBaseUrl(config), authorities, 'Start the server ("meridian start").')]
  const { publicBaseUrl } = config.identity
  if (publicBaseUrl) {
    const advice = 'Check the reverse proxy, the name in the DNS and the firewall.'
    findings.push(await reach(publicBaseUrl, authorities, advice))
  } else {
    findings.push(
      warn(SUBJECT, 'public_baseurl is not set. Set it once clients reach the server under a public name.'),
    )
  }
  return findings
}
