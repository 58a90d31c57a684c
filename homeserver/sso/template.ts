/** What a provider says about a user: the claims of the id token or of the userinfo endpoint. */
export type Claims = Readonly<Record<string, unknown>>

const EXPRESSION = /\{\{(.*?)\}\}/g
/** `user.a.b`, then filters: the part of Jinja that Synapse's documentation uses. */
const CHAIN =
  /^\s*user((?:\.[A-Za-z0-9_-]+|\[(?:'[^']*'|"[^"]*")\])+)\s*((?:\|\s*[a-z_]+(?:\([^()]*\))?\s*)*)$/
const STEP = /\.([A-Za-z0-9_-]+)|\[(?:'([^']*)'|"([^"]*)")\]/g
const FILTER = /\|\s*([a-z_]+)(?:\(([^()]*)\))?/g
const ARGUMENT = /'([^']*)'|"([^"]*)"/g

const FILTERS: Readonly<Record<string, (text: string, args: readonly string[]) => string>> = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  trim: (text) => text.trim(),
  localpart_from_email: (text) => text.split('@')[0] ?? '',
  default: (text, [fallback = '']) => (text === '' ? fallback : text),
  replace: (text, [from = '', to = '']) => (from === '' ? text : text.replaceAll(from, to)),
}

/** What is wrong with a template; undefined when it can be rendered. */
export function templateProblem(template: string): string | undefined {
  for (const [, expression = ''] of template.matchAll(EXPRESSION)) {
    const [, , filters = ''] = CHAIN.exec(expression) ?? []
    if (!CHAIN.test(expression)) return 'can only hold {{ user.claim }} with filters'
    for (const [, name = ''] of filters.matchAll(FILTER)) {
      if (!Object.hasOwn(FILTERS, name)) return `has an unknown filter, ${name}`
    }
  }
  return /\{%|\{#/.test(template) ? 'cannot hold statements or comments' : undefined
}

/** A template with a user's claims in it; a claim that is missing, or no text or number, is nothing. */
export function renderTemplate(template: string, claims: Claims): string {
  return template.replace(EXPRESSION, (_whole, expression: string) => {
    const [, path = '', filters = ''] = CHAIN.exec(expression) ?? []
    const found = [...path.matchAll(STEP)].reduce<unknown>(
      (value, [, name, single, double]) => step(value, name ?? single ?? double ?? ''),
      claims,
    )
    return [...filters.matchAll(FILTER)].reduce((text, [, name = '', list = '']) => {
      const args = [...list.matchAll(ARGUMENT)].map(([, single, double]) => single ?? double ?? '')
      return FILTERS[name]?.(text, args) ?? ''
    }, textOf(found))
  })
}

function step(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Claims)[name]
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}
