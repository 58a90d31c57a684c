/** Error codes of Node, PostgreSQL and Matrix are short words; anything else could hold content. */
const CODE = /^[A-Za-z0-9_]{1,40}$/

/** An error's class and code, without its message, which may quote what users wrote. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'not an Error'
  const name = CODE.test(error.name) ? error.name : 'Error'
  const code = 'code' in error ? error.code : 'errcode' in error ? error.errcode : undefined
  return typeof code === 'string' && CODE.test(code) ? `${name} ${code}` : name
}
