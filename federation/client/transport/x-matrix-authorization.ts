/**
 * The `Authorization` header of a signed request, in the form that older servers read as well: one space, names in
 * lower case, no backslashes, no white space (server-server API, "Request Authentication").
 *
 * @param signature unpadded base64.
 */
export function xMatrixAuthorization(
  origin: string,
  destination: string,
  keyId: string,
  signature: string,
): string {
  return `X-Matrix origin="${origin}",destination="${destination}",key="${keyId}",sig="${signature}"`
}
