import ts from 'typescript'
import { definitionOf, type SourceModule } from './source-module.ts'

/**
 * The texts that an expression can have, as far as constants, their members, templates, lists and loops over lists say.
 *
 * @returns undefined where something else decides.
 */
export function possibleTexts(expression: ts.Expression, module: SourceModule): string[] | undefined {
  if (ts.isStringLiteralLike(expression)) return [expression.text]
  if (isWrapping(expression)) return possibleTexts(expression.expression, module)
  if (ts.isArrayLiteralExpression(expression)) return union(expression.elements, module)
  if (ts.isConditionalExpression(expression)) {
    return union([expression.whenTrue, expression.whenFalse], module)
  }
  if (ts.isIdentifier(expression)) {
    const definition = definitionOf(module, expression.text)
    return definition && possibleTexts(definition.expression, definition.module)
  }
  if (ts.isPropertyAccessExpression(expression)) return textsOfMember(expression, module)
  if (ts.isTemplateExpression(expression)) {
    let texts: string[] | undefined = [expression.head.text]
    for (const { expression: inner, literal } of expression.templateSpans) {
      const middles = possibleTexts(inner, module)
      texts = middles && texts?.flatMap((start) => middles.map((middle) => start + middle + literal.text))
    }
    return texts
  }
  return undefined
}

/** A member of a constant object: `PATHS.token`. */
function textsOfMember(
  { expression, name }: ts.PropertyAccessExpression,
  module: SourceModule,
): string[] | undefined {
  const definition = ts.isIdentifier(expression) ? definitionOf(module, expression.text) : undefined
  let object = definition?.expression
  while (object && isWrapping(object)) object = object.expression
  if (!definition || !object || !ts.isObjectLiteralExpression(object)) return undefined
  const member = object.properties.find((property) => property.name?.getText() === name.text)
  return member && ts.isPropertyAssignment(member)
    ? possibleTexts(member.initializer, definition.module)
    : undefined
}

function isWrapping(
  expression: ts.Expression,
): expression is ts.ParenthesizedExpression | ts.AsExpression | ts.SatisfiesExpression {
  return (
    ts.isParenthesizedExpression(expression) ||
    ts.isAsExpression(expression) ||
    ts.isSatisfiesExpression(expression)
  )
}

function union(expressions: readonly ts.Expression[], module: SourceModule): string[] | undefined {
  const parts = expressions.map((part) => possibleTexts(part, module))
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined
}
