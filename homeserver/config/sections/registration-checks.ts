import { z } from 'zod'

/** Google's own address for verification, under the name that is reachable everywhere. */
const RECAPTCHA_VERIFICATION = 'https://www.recaptcha.net/recaptcha/api/siteverify'

const policyText = z.strictObject({ name: z.string().min(1), url: z.url({ protocol: /^https?$/ }) })

/** What somebody who registers has to do beside choosing a name; the names are Synapse's, but for `policies`. */
export const registrationCheckKeys = {
  enable_registration_captcha: z.boolean().default(false),
  recaptcha_public_key: z.string().min(1).optional(),
  recaptcha_private_key: z.string().min(1).optional(),
  recaptcha_private_key_path: z.string().min(1).optional(),
  recaptcha_siteverify_api: z.url({ protocol: /^https?$/ }).prefault(RECAPTCHA_VERIFICATION),
  user_consent: z
    .strictObject({
      require_at_registration: z.boolean().default(false),
      version: z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,64}$/, 'expects a short version such as "1.0"')
        .default('1.0'),
      policy_name: z.string().min(1).default('Privacy Policy'),
      template_dir: z.string().min(1).optional(),
      policies: z
        .record(z.string(), z.record(z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$/), policyText))
        .default({}),
    })
    .prefault({}),
}

type Keys = z.output<z.ZodObject<typeof registrationCheckKeys>>

/** A captcha, which a server of Google's, or one that speaks like it, verifies. */
export interface CaptchaConfig {
  readonly publicKey: string
  readonly privateKey: string
  readonly verificationUrl: string
}

/** A document by language. */
export type PolicyTexts = Readonly<Record<string, { readonly name: string; readonly url: string }>>

/** What users accept when they register. */
export interface ConsentConfig {
  readonly version: string
  /** Documents elsewhere, by their ids. Without any, it is this server's own document. */
  readonly policies: Readonly<Record<string, PolicyTexts>>
  readonly policyName: string
  /** Holds the own document as `en/<version>.html`. */
  readonly templateDirectory: string | undefined
}

/** @param readText the text of a file that the configuration names. */
export function captchaConfig(keys: Keys, readText: (path: string) => string): CaptchaConfig | undefined {
  const { recaptcha_private_key_path: path, recaptcha_public_key: publicKey } = keys
  const privateKey = keys.recaptcha_private_key ?? (path && readText(path).trim())
  if (!keys.enable_registration_captcha || !publicKey || !privateKey) return undefined
  return { publicKey, privateKey, verificationUrl: keys.recaptcha_siteverify_api }
}

/** @param resolvePath makes a path of the file absolute. */
export function consentConfig(keys: Keys, resolvePath: (path: string) => string): ConsentConfig | undefined {
  const { user_consent: consent } = keys
  if (!consent.require_at_registration) return undefined
  return {
    version: consent.version,
    policies: consent.policies,
    policyName: consent.policy_name,
    templateDirectory: consent.template_dir && resolvePath(consent.template_dir),
  }
}

/** A check that is asked for and cannot be made would let nobody in, or everybody. */
export function checkRegistrationChecks(
  keys: Keys & { readonly public_baseurl?: string | undefined },
  complain: (path: (string | number)[], sentence: string) => void,
): void {
  const privateKey = keys.recaptcha_private_key ?? keys.recaptcha_private_key_path
  if (keys.enable_registration_captcha && !(keys.recaptcha_public_key && privateKey)) {
    complain(['enable_registration_captcha'], 'needs recaptcha_public_key and recaptcha_private_key')
  }
  const { user_consent: consent } = keys
  if (!consent.require_at_registration || Object.keys(consent.policies).length > 0) return
  if (consent.template_dir && keys.public_baseurl) return
  complain(
    ['user_consent'],
    'needs policies, or template_dir with a document of your own and public_baseurl for its address',
  )
}
