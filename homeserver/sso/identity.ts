import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { AttributeRequirement, OidcProvider } from '../config/sections/oidc.ts'
import { renderTemplate, type Claims } from './template.ts'

/** Long enough for every provider's way to name a user, short enough for an index. */
const MAX_SUBJECT_LENGTH = 500
const MAX_DISPLAY_NAME_LENGTH = 256

/** Who came back from a provider. */
export interface Identity {
  readonly subject: string
  /** In the form of a localpart; empty when the provider tells none. */
  readonly localpart: string
  readonly displayName: string | undefined
}

/**
 * Reads the claims of a user as the provider's mapping says.
 *
 * @throws MatrixError 403 when a requirement is not met or the subject cannot be kept.
 */
export function identityOf({ mapping, requirements, name }: OidcProvider, claims: Claims): Identity {
  if (!requirements.every((requirement) => isMet(requirement, claims))) {
    throw new MatrixError(403, 'M_FORBIDDEN', `Your account at ${name} may not sign in here.`)
  }
  const subject = renderTemplate(mapping.subject, claims)
  if (
    subject === '' ||
    subject.length > MAX_SUBJECT_LENGTH ||
    subject.includes('\0') ||
    !subject.isWellFormed()
  ) {
    throw new MatrixError(403, 'M_FORBIDDEN', `${name} does not say who you are.`)
  }
  const rendered = mapping.localpart === undefined ? '' : renderTemplate(mapping.localpart, claims).trim()
  const displayName =
    mapping.displayName === undefined ? '' : renderTemplate(mapping.displayName, claims).trim()
  return {
    subject,
    localpart: toLocalpart(rendered),
    displayName: displayName === '' ? undefined : displayName.slice(0, MAX_DISPLAY_NAME_LENGTH),
  }
}

/** A text as a localpart (appendices, "Mapping from other character sets"): what is not allowed becomes `=hh`. */
export function toLocalpart(text: string): string {
  const bytes = [...Buffer.from(text.toLowerCase(), 'utf8')]
  return bytes
    .map((byte) => {
      const character = String.fromCharCode(byte)
      return /[a-z0-9._/+-]/.test(character) ? character : `=${byte.toString(16).padStart(2, '0')}`
    })
    .join('')
}

function isMet({ attribute, values }: AttributeRequirement, claims: Claims): boolean {
  const claim = Object.hasOwn(claims, attribute) ? claims[attribute] : undefined
  if (claim === undefined || claim === null) return false
  const held: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  return values === undefined || held.some((value) => values.includes(String(value)))
}
