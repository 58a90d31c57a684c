import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2'
import bcrypt from 'bcryptjs'

/**
 * Hashes computed at once. They run on the thread pool of four that file and name look-ups share; two leave
 * room for those whatever the number of logins.
 */
const MAX_CONCURRENT_HASHES = 2

/** OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane. 2 is the library's number for argon2id. */
const ARGON2ID = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

let running = 0
const waiting: (() => void)[] = []

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (running >= MAX_CONCURRENT_HASHES) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

/** Unicode's compatibility form, so that one password typed on two keyboards is one password. */
function normalised(password: string, pepper: string): string {
  return password.normalize('NFKC') + pepper
}

/** An argon2id hash in PHC form. @param pepper `password_config.pepper`. */
export function hashPassword(password: string, pepper: string): Promise<string> {
  return inTurn(() => argon2Hash(normalised(password, pepper), ARGON2ID))
}

let decoy: Promise<string> | undefined

/**
 * Whether a password is the one that was hashed, by argon2id or (accounts that come from Synapse) bcrypt. A
 * missing hash takes as long as a wrong password, so that the time does not tell which users exist.
 */
export async function verifyPassword(
  password: string,
  pepper: string,
  stored: string | null,
): Promise<boolean> {
  const text = normalised(password, pepper)
  if (stored === null) {
    decoy ??= hashPassword('', '')
    const hash = await decoy
    await inTurn(() => argon2Verify(hash, text))
    return false
  }
  return inTurn(() => (isBcrypt(stored) ? bcrypt.compare(text, stored) : argon2Verify(stored, text)))
}

/** Whether a stored hash should be replaced by a new one at the next login. */
export function isBcrypt(stored: string): boolean {
  return /^\$2[aby]\$/.test(stored)
}
