import ts from 'typescript'

/** What an identifier stands for in a file. */
export type Definitions = (name: string) => ts.Expression | undefined

/**
 * The texts that an expression can have, as far as constants, templates, lists and loops over lists say.
 *
 * @returns undefined where something else decides.
 */
export function possibleTexts(expression: ts.Expression, definitions: Definitions): string[] | undefined {
  if (ts.isStringLiteralLike(expression)) return [expression.text]
  if (ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression)) {
    return possibleTexts(expression.expression, definitions)
  }
  if (ts.isArrayLiteralExpression(expression)) return union(expression.elements, definitions)
  if (ts.isConditionalExpression(expression)) {
    return union([expression.whenTrue, expression.whenFalse], definitions)
  }
  if (ts.isIdentifier(expression)) {
    const definition = definitions(expression.text)
    return definition && possibleTexts(definition, definitions)
  }
  if (ts.isTemplateExpression(expression)) {
    let texts: string[] | undefined = [expression.head.text]
    for (const { expression: inner, literal } of expression.templateSpans) {
      const middles = possibleTexts(inner, definitions)
      texts = middles && texts?.flatMap((start) => middles.map((middle) => start + middle + literal.text))
    }
    return texts
  }
  return undefined
}

function union(expressions: readonly ts.Expression[], definitions: Definitions): string[] | undefined {
  const parts = expressions.map((part) => possibleTexts(part, definitions))
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined
}
