import { MatrixError } from '../../protocol/errors/matrix-error.ts'
import type { PasswordPolicy } from '../config/sections/registration.ts'

/** Longer ones only make hashing slow; the bound is Synapse's. */
export const MAX_PASSWORD_LENGTH = 512

/** @throws MatrixError 400 M_WEAK_PASSWORD when a new password breaks `password_config.policy`, or is too long. */
export function checkPasswordPolicy(password: string, policy: PasswordPolicy | undefined): void {
  if (password === '') throw weak('The password is empty')
  if (password.length > MAX_PASSWORD_LENGTH) {
    throw new MatrixError(400, 'M_INVALID_PARAM', `Passwords have at most ${MAX_PASSWORD_LENGTH} characters`)
  }
  if (!policy) return
  if (password.length < policy.minimumLength) {
    throw weak(`Passwords need at least ${policy.minimumLength} characters`)
  }
  if (policy.requireDigit && !/\p{Nd}/u.test(password)) throw weak('Passwords need a digit')
  if (policy.requireSymbol && !/[^\p{L}\p{N}]/u.test(password)) throw weak('Passwords need a symbol')
  if (policy.requireLowercase && !/\p{Ll}/u.test(password)) throw weak('Passwords need a lower-case letter')
  if (policy.requireUppercase && !/\p{Lu}/u.test(password)) throw weak('Passwords need an upper-case letter')
}

function weak(sentence: string): MatrixError {
  return new MatrixError(400, 'M_WEAK_PASSWORD', sentence)
}
