import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import { parseJson } from '../../protocol/json/parse.ts'
import { isJsonObject, ownValue, type JsonValue } from '../../protocol/json/value.ts'
import type { CaptchaConfig } from '../config/sections/registration-checks.ts'

/** The verifier is asked while somebody waits for the answer. */
const VERIFICATION_TIMEOUT_MS = 10_000
/** Answers have some hundred bytes. */
const MAX_ANSWER_BYTES = 16 * 1024
/** What browsers bring back has one to two KiB. */
const MAX_RESPONSE_LENGTH = 8 * 1024

/**
 * Asks the verifier that the configuration names whether a captcha was solved. The user's address is not told.
 *
 * @throws MatrixError 502 when it cannot be asked.
 */
export async function verifyCaptcha(captcha: CaptchaConfig, response: string): Promise<boolean> {
  if (response === '' || response.length > MAX_RESPONSE_LENGTH) return false
  let answer: JsonValue
  try {
    answer = await ask(captcha, response)
  } catch {
    throw new MatrixError(502, 'M_UNKNOWN', 'The captcha cannot be verified at present')
  }
  return isJsonObject(answer) && ownValue(answer, 'success') === true
}

async function ask({ privateKey, verificationUrl }: CaptchaConfig, response: string): Promise<JsonValue> {
  const { ok, body } = await fetch(verificationUrl, {
    method: 'POST',
    body: new URLSearchParams({ secret: privateKey, response }),
    redirect: 'error',
    signal: AbortSignal.timeout(VERIFICATION_TIMEOUT_MS),
  })
  if (!ok || !body) throw new Error('no answer')
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new Error('too long an answer')
    chunks.push(chunk)
  }
  return parseJson(Buffer.concat(chunks))
}
