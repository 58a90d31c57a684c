/** Sign-ins under way, by the SHA-256 of the secret that the browser holds. `payload` is JSON text. */
export interface SsoStepTable {
  token_hash: Buffer
  kind: string
  payload: string
  created_ts: number
}
