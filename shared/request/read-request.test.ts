import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readRequest } from './read-request.ts';
import { splitWords } from './words.ts';

const ANY = { method: 'GET', headers: [] };

describe('a request as text', () => {
  it.each([
    ['a path alone is asked for with GET', '/a', { ...ANY, target: '/a' }],
    ['a method stands in front of the path', 'POST /a/?b=c', { ...ANY, method: 'POST', target: '/a/?b=c' }],
    ['a method that is not one of the usual ones is one', 'PURGE /a', { ...ANY, method: 'PURGE', target: '/a' }],
    ['curl has its flags', '-X PUT /a', { ...ANY, method: 'PUT', target: '/a' }],
    ['a value is written to its flag', '/a -XPUT', { ...ANY, method: 'PUT', target: '/a' }],
    ['or behind a sign', '--request=PUT /a', { ...ANY, method: 'PUT', target: '/a' }],
    ['a header', '/a -H x:y', { ...ANY, target: '/a', headers: [{ name: 'x', value: 'y' }] }],
    ['a header with blanks', `/a -H 'x:  y z '`, { ...ANY, target: '/a', headers: [{ name: 'x', value: 'y z' }] }],
    ['a header in double quotes', String.raw`/a -H "x:\"y\" \z"`, oneHeader('x', String.raw`"y" \z`)],
    ['a header of which one part is quoted', `/a -H x:'y z'w`, oneHeader('x', 'y zw')],
    ['a header with a colon in its value', '/a --header x:y:z', oneHeader('x', 'y:z')],
    ['a header without a value', `/a -H x:`, oneHeader('x', '')],
    ['a header in front of the path', `-H x:y /a`, oneHeader('x', 'y')],
    ['what a shell would take is taken as it is', String.raw`/\;a'&'`, { ...ANY, target: '/;a&' }],
  ])('%s', (_, text, value) => {
    expect(readRequest(text)).toEqual({ value });
  });

  it('keeps headers of one name apart, in order', () => {
    const reading = readRequest('/a -H x:2 -H X:1');

    const headers = [
      { name: 'x', value: '2' },
      { name: 'X', value: '1' },
    ];
    expect(reading).toEqual({ value: { ...ANY, target: '/a', headers } });
  });

  it.each([
    ['nothing', '', 'the path is missing'],
    ['a method alone', 'POST', "the path must begin with '/', but is 'POST'"],
    ['a method in small letters', 'post /a', 'capital letters: POST'],
    ['what is no method', 'GE(T) /a', "'GE(T)' is not a method"],
    ['an address', 'GET https://shop.example.com/a', 'the path is written alone'],
    ['two paths', '/a /b', "'/a' is not a method"],
    ['a third word', 'GET /a /b', "one method and one path are too few for 'GET' '/a' '/b'"],
    ['two methods', '-X PUT POST /a', 'too few'],
    ['what is behind a #', '/a#b', "must have no '#'"],
    ['a letter that no client sends as it is', '/ä', "'%C3%A4' where it has 'ä'"],
    ['half of a character', '/\ud800', 'where it has'],
    ['a blank in quotes', `'/a b'`, "'%20' where it has ' '"],
    ['a header without a colon', '/a -H x', "'name: value', but one is 'x'"],
    ['a header without a name', '/a -H :x', "'name: value', but one is ':x'"],
    ['a pseudo header', '/a -H :path:/b', "but one is ':path:/b'"],
    ['the host', '/a -H Host:b', 'there is no header Host'],
    ['a line in a header', `/a -H 'x: y\nz'`, 'header x has a character'],
    ['an unknown flag', '/a -d x', "'-d' is not known"],
    ['a flag without a value', '/a -H', "'-H' has nothing behind it"],
    ['a quote that is not closed', `/a -H 'x:y`, 'a quote is not closed'],
  ])('refuses %s', (_, text, fault) => {
    expect(readRequest(text)).toEqual({ fault: expect.stringContaining(fault) });
  });
});

it('any text is read, or refused in one clause', () => {
  const parts = [
    '/',
    'a',
    ' ',
    '-H',
    '-X',
    '--header',
    '=',
    ':',
    "'",
    '"',
    '\\',
    'GET',
    'é',
    '\ud800',
    '\n',
    '%',
    '#',
    '-',
  ];
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...parts)).map(all => all.join('')),
  );

  fc.assert(
    fc.property(texts, text => {
      const reading = readRequest(text);
      if ('value' in reading) expect(reading.value.target).toMatch(/^\/[\x21-\x7e]*$/);
      else expect(reading.fault).not.toBe('');
    }),
  );
});

it('a value in quotes is what it is, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      const [single, double] = [text.replaceAll("'", `'"'"'`), text.replaceAll(/["\\$`]/g, '\\$&')];

      expect(splitWords(`'${single}' "${double}"`)).toEqual([text, text]);
    }),
  );
});

function oneHeader(name: string, value: string) {
  return { ...ANY, target: '/a', headers: [{ name, value }] };
}
