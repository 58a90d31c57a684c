/** Fills in the places of a text of the configuration: `%(name)s`. Places that are not known stay as they are. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/%\(([a-z_]+)\)s/g, (place, name: string) =>
    Object.hasOwn(values, name) ? values[name]! : place,
  )
}
