import type { ClientMetadata } from './client-metadata.ts'

const VISIBLE_ASCII = /^[\x21-\x7e]+$/
const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** Whether a URL is on the host of the client's home page or below it (client-server API, "Client metadata"). */
export function hasCommonBase(url: URL, clientUri: URL): boolean {
  return url.hostname === clientUri.hostname || url.hostname.endsWith(`.${clientUri.hostname}`)
}

/** Whether a URL is an `https` one without user and password. */
export function isPlainHttps(url: URL): boolean {
  return url.protocol === 'https:' && url.username === '' && url.password === ''
}

/** Whether a client may register a redirect URI (client-server API, "Redirect URI validation"). */
export function isAllowedRedirectUri(
  uri: string,
  type: ClientMetadata['application_type'],
  clientUri: URL,
): boolean {
  if (!VISIBLE_ASCII.test(uri) || uri.includes('#') || !URL.canParse(uri)) return false
  const url = new URL(uri)
  if (url.protocol === 'https:') return isPlainHttps(url) && hasCommonBase(url, clientUri)
  if (type !== 'native') return false
  if (url.protocol === 'http:') return isLoopback(url) && !hasPort(uri)
  return isPrivateScheme(uri, url, clientUri)
}

/** The URL parser drops a port that is the scheme's default, so the text decides. */
function hasPort(uri: string): boolean {
  return /^http:\/\/(?:\[[^\]]*\]|[^/?:[]*):/i.test(uri)
}

function isLoopback(url: URL): boolean {
  return LOOPBACK_HOSTS.includes(url.hostname) && url.username === '' && url.password === ''
}

function isPrivateScheme(uri: string, url: URL, clientUri: URL): boolean {
  const scheme = url.protocol.slice(0, -1)
  const reversed = clientUri.hostname.split('.').reverse().join('.')
  const belongs = scheme === reversed || scheme.startsWith(`${reversed}.`)
  return belongs && scheme.includes('.') && !uri.slice(url.protocol.length).startsWith('//')
}

/**
 * Whether a redirect URI of a request is one that the client has registered. It is compared letter by letter; on the
 * loopback interface a native application may use any port (RFC 8252 §7.3).
 */
export function isRegisteredRedirectUri(uri: string, metadata: ClientMetadata): boolean {
  if (metadata.redirect_uris.includes(uri)) return true
  if (metadata.application_type !== 'native' || !VISIBLE_ASCII.test(uri) || uri.includes('#')) return false
  if (!URL.canParse(uri)) return false
  const url = new URL(uri)
  if (url.protocol !== 'http:' || !isLoopback(url)) return false
  url.port = ''
  return metadata.redirect_uris.some((known) => new URL(known).href === url.href)
}
