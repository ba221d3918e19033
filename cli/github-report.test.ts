import { describe, expect, it } from '@jest/globals';
import { reportsGithub } from './github-report.ts';
import type { Report } from './report.ts';

const object = { kind: 'Deployment', namespace: 'shop', name: 'web' };

function report(changes: Partial<Report> = {}): Report {
  return {
    code: 'WM049',
    rule: 'ReplicasBounds',
    severity: 'error',
    object,
    place: { file: 'shop.yaml', start: { line: 12, column: 9 }, end: { line: 12, column: 10 } },
    sourceLine: '',
    path: 'replicas.max',
    message: '`replicas.max` must be greater',
    fix: 'write 2',
    related: [],
    ...changes,
  };
}

/** As the runner reads it: properties and message, with what was escaped. */
function parsed(line: string) {
  const [, command = '', properties = '', message = ''] = /^::(\w+) (.*?)::(.*)\n$/.exec(line) ?? [];
  const plain = (text: string) =>
    text
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%25', '%');
  const pairs = properties.split(',').map(pair => pair.split('=') as [string, string]);
  return {
    command,
    message: plain(message),
    properties: Object.fromEntries(pairs.map(([name, value]) => [name, plain(value)])),
  };
}

describe('a workflow command', () => {
  it('is one line with place, title, message and fix', () => {
    expect(reportsGithub([report()])).toBe(
      '::error file=shop.yaml,line=12,col=9,endLine=12,endColumn=10,title=WM049 ReplicasBounds::`replicas.max` must be greater%0Afix: write 2\n',
    );
  });

  it('is a warning for a warning', () => {
    expect(parsed(reportsGithub([report({ severity: 'warning' })])).command).toBe('warning');
  });

  it('has no columns where the place spans lines', () => {
    const place = { file: 'shop.yaml', start: { line: 1, column: 9 }, end: { line: 3, column: 2 } };

    expect(parsed(reportsGithub([report({ place })])).properties).toEqual({
      file: 'shop.yaml',
      line: '1',
      endLine: '3',
      title: 'WM049 ReplicasBounds',
    });
  });

  it('has a title alone where the object is in no file', () => {
    expect(parsed(reportsGithub([report({ place: undefined })])).properties).toEqual({ title: 'WM049 ReplicasBounds' });
  });

  it('names the other places of files in the message', () => {
    const place = { file: 'other.yaml', start: { line: 3, column: 1 }, end: { line: 3, column: 2 } };
    const related = [
      { place, object, message: 'first written here' },
      { place: undefined, object, message: 'in no file' },
    ];

    expect(parsed(reportsGithub([report({ related })])).message).toBe(
      '`replicas.max` must be greater\nfix: write 2\nsee: other.yaml:3: first written here',
    );
  });

  it.each([
    ['per cent signs', '100%3A%'],
    ['line ends of every kind', 'a\r\nb\nc\rd'],
    ['what looks like a command', '\n::stop-commands::x'],
    ['colons and commas', 'a: b, c::d'],
  ])('keeps %s in a message as they are, on its one line', (_, message) => {
    const line = reportsGithub([report({ message, fix: 'x' })]);

    expect(line.match(/[\r\n]/g)).toEqual(['\n']);
    expect(parsed(line).message).toBe(`${message}\nfix: x`);
  });

  it('keeps colons, commas, per cent signs and line ends in a file’s name', () => {
    const file = 'a:b,c=d%3A\n.yaml';
    const place = { file, start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

    const line = reportsGithub([report({ place })]);

    expect(line.match(/[\r\n]/g)).toEqual(['\n']);
    expect(line).toContain('file=a%3Ab%2Cc=d%253A%0A.yaml,line=1');
  });
});
