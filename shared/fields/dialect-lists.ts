import type { Report } from '../annotation/complaint.ts';
import type { Node } from '../annotation/node.ts';
import { KNOWS_COMMAS } from './dialects.ts';
import { listItems } from './items.ts';
import type { Item } from './items.ts';
import { reportType } from './readers.ts';

/** The items of a list; where the dialect knows it, also of a text with commas. */
export function listInDialect(node: Node, path: string, report: Report, dialect: string): readonly Item[] | undefined {
  if (node.kind === 'list' || KNOWS_COMMAS.includes(dialect)) return listItems(node, path, report);
  reportType(report, node, path, `must be a list in ${dialect}`, `write \`[${textOf(node)}]\``);
  return undefined;
}

function textOf(node: Node): string {
  return node.kind === 'scalar' && node.source !== '' ? node.source : 'first, second';
}
