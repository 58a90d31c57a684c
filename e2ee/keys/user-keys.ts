import type { SignedKey } from './signed-key.ts'

/** What is known of a user's keys. */
export interface UserKeys {
  /** By device id; of all devices, or of those asked for. */
  readonly devices: ReadonlyMap<string, SignedKey>
  readonly master?: SignedKey | undefined
  readonly selfSigning?: SignedKey | undefined
  /** Only for the user. */
  readonly userSigning?: SignedKey | undefined
}

/** Users with the devices wanted of each; an empty list is all of them. */
export type WantedDevices = ReadonlyMap<string, readonly string[]>

/** Why a server's part of an answer is missing, as clients are told. */
export interface ServerFailure {
  /** An HTTP status: 503 for a server that cannot be reached or took too long. */
  readonly status: number
  readonly message: string
}

/** Keys of users of several servers. */
export interface FoundKeys {
  /** A user who is unknown, or whose server failed, is left out. */
  readonly users: ReadonlyMap<string, UserKeys>
  /** By server. */
  readonly failures: ReadonlyMap<string, ServerFailure>
}

/** The keys of users of other servers, kept here or asked for. */
export interface RemoteKeys {
  /** Never rejects for what other servers do; resolves within about `timeoutMs`. */
  query(wanted: WantedDevices, timeoutMs: number): Promise<FoundKeys>
}

/** One-time keys wanted: the algorithm, by user and device. */
export type WantedOneTimeKeys = ReadonlyMap<string, ReadonlyMap<string, string>>

/** One-time keys by user and device: JSON texts of `{"algorithm:id": key}`. */
export interface ClaimedKeys {
  readonly users: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly failures: ReadonlyMap<string, ServerFailure>
}

/** One-time keys of users of other servers. */
export interface RemoteKeyClaims {
  /** Never rejects for what other servers do; resolves within about `timeoutMs`. */
  claim(wanted: WantedOneTimeKeys, timeoutMs: number): Promise<ClaimedKeys>
}
