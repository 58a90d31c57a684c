/** The database cannot be used; the message says why and what the administrator can do. */
export class DatabaseUnusableError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'DatabaseUnusableError'
  }
}
