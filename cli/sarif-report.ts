import { createHash } from 'node:crypto';
import type { Location, Log, ReportingDescriptor, Result } from 'sarif';
import { CATALOGUE } from '../shared/findings/catalogue.ts';
import type { CatalogueRow } from '../shared/findings/catalogue.ts';
import { objectName } from '../shared/findings/format.ts';
import type { ObjectRef } from '../shared/findings/finding.ts';
import { artifactUri } from './artifact-path.ts';
import type { FilePlace } from './manifests.ts';
import type { Report } from './report.ts';
import { ownVersion } from './version.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const SITE = 'https://waymark.dev';

const RULE_INDEX: ReadonlyMap<string, number> = new Map(CATALOGUE.map(({ code }, index) => [code, index]));

/** A log of SARIF 2.1.0 with one run. */
export function reportsSarif(reports: readonly Report[]): string {
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Waymark',
            version: ownVersion(),
            semanticVersion: ownVersion(),
            informationUri: SITE,
            rules: CATALOGUE.map(ruleOf),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [{ executionSuccessful: true }],
        results: resultsOf(reports),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function ruleOf({ code, name, severity, meaning, bad, good }: CatalogueRow): ReportingDescriptor {
  return {
    id: code,
    name,
    shortDescription: { text: /^.*?\.(?= |$)/.exec(meaning)?.[0] ?? meaning },
    fullDescription: { text: meaning },
    help: {
      text: `${meaning}\n\nBad:\n\n${bad}\n\nGood:\n\n${good}\n`,
      markdown: `${meaning}\n\nBad:\n\n\`\`\`yaml\n${bad}\n\`\`\`\n\nGood:\n\n\`\`\`yaml\n${good}\n\`\`\`\n`,
    },
    helpUri: `${SITE}/docs/reference/findings#${`${code} ${name}`.toLowerCase().replace(' ', '-')}`,
    defaultConfiguration: { level: severity },
  };
}

function resultsOf(reports: readonly Report[]): Result[] {
  const seen = new Map<string, number>();
  return reports.map(report => {
    const { code, severity, message, fix, path, object, place, related } = report;
    const identity = [code, objectName(object), path].join('\n');
    const before = seen.get(identity) ?? 0;
    seen.set(identity, before + 1);
    return {
      ruleId: code,
      ruleIndex: RULE_INDEX.get(code) ?? -1,
      level: severity,
      message: { text: plainText(`${message}. Fix: ${fix}.`) },
      locations: [locationOf(place, object)],
      ...(related.length > 0 && {
        relatedLocations: related.map((other, index) => ({
          id: index + 1,
          ...locationOf(other.place, other.object),
          message: { text: plainText(other.message) },
        })),
      }),
      partialFingerprints: { 'waymarkFinding/v1': fingerprint(identity, before) },
      properties: { path, fix },
    };
  });
}

/** Neither line nor file nor wording: the same mistake keeps its fingerprint when all else around it changes. */
function fingerprint(identity: string, before: number): string {
  return createHash('sha256').update(`${identity}\n${before}`).digest('hex');
}

function locationOf(place: FilePlace | undefined, object: ObjectRef): Location {
  const { name } = object;
  return {
    ...(place && { physicalLocation: physicalLocationOf(place) }),
    logicalLocations: [{ name, fullyQualifiedName: objectName(object), kind: 'resource' }],
  };
}

function physicalLocationOf({ file, start, end }: FilePlace): NonNullable<Location['physicalLocation']> {
  const uri = artifactUri(file);
  return {
    artifactLocation: { uri, ...(!uri.startsWith('file:') && { uriBaseId: '%SRCROOT%' }) },
    region: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
  };
}

/** In a message braces are placeholders unless they are doubled, and `[…](…)` is a link. */
function plainText(text: string): string {
  return text.replace(/[{}]/g, brace => brace + brace).replaceAll('](', '\\](');
}
