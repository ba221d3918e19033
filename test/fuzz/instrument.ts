import ts from 'typescript';

/** A program text that counts the ways it takes, and what it compares its input with. */
export interface Instrumented {
  readonly code: string;
  /** The number behind the last counter that is used. */
  readonly nextEdge: number;
  /** Texts that stand in the program: names of fields, words, units. */
  readonly words: readonly string[];
}

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** Longer ones are sentences. */
const LONGEST_WORD = 40;

/**
 * Puts a counter, `edges[n]++`, into every branch of a TypeScript text: bodies, cases, sides of conditions, also the side
 * that is not written. No line is added, so that stacks stay true.
 */
export function instrument(source: string, fileName: string, firstEdge: number, edges: string): Instrumented {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, true);
  const insertions: Insertion[] = [];
  const words = new Set<string>();
  let edge = firstEdge;
  const counter = () => `${edges}[${edge++}]++`;
  const insert = (at: number, text: string) => insertions.push({ at, text });

  const children = (node: ts.Node) => ts.forEachChild(node, visit);
  /** The insertion in front before those of what is inside, the one behind after them: equal places keep this order. */
  const around = (node: ts.Node, before: string, behind: string) => {
    insert(node.getStart(file), before);
    visit(node);
    insert(node.end, behind);
  };
  const expression = (node: ts.Expression) => around(node, `(${counter()}, `, ')');
  const statement = (node: ts.Statement) => (ts.isBlock(node) ? visit(node) : around(node, `{${counter()}; `, '}'));

  function visit(node: ts.Node): void {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) && node.text.length <= LONGEST_WORD && !node.text.includes('\n'))
      words.add(node.text);
    if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) words.add(node.name.text);
    if (ts.isBlock(node)) {
      insert(node.getStart(file) + 1, `${counter()};`);
      children(node);
    } else if (ts.isCaseOrDefaultClause(node)) {
      if (ts.isCaseClause(node)) visit(node.expression);
      insert(node.statements.pos, ` ${counter()};`);
      node.statements.forEach(visit);
    } else if (ts.isConditionalExpression(node)) {
      visit(node.condition);
      expression(node.whenTrue);
      expression(node.whenFalse);
    } else if (ts.isBinaryExpression(node) && isShortCircuit(node.operatorToken.kind)) {
      visit(node.left);
      expression(node.right);
    } else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      node.parameters.forEach(visit);
      expression(node.body);
    } else if (ts.isIfStatement(node)) {
      visit(node.expression);
      statement(node.thenStatement);
      if (node.elseStatement) statement(node.elseStatement);
      else insert(node.end, ` else {${counter()}}`);
    } else if (ts.isIterationStatement(node, false)) {
      ts.forEachChild(node, child => (child === node.statement ? statement(node.statement) : visit(child)));
    } else children(node);
  }
  visit(file);
  return { code: withInsertions(source, insertions), nextEdge: edge, words: [...words] };
}

function isShortCircuit(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  );
}

function withInsertions(source: string, insertions: readonly Insertion[]): string {
  let code = '';
  let from = 0;
  for (const { at, text } of insertions.toSorted((a, b) => a.at - b.at)) {
    code += source.slice(from, at) + text;
    from = at;
  }
  return code + source.slice(from);
}
