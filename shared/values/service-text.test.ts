import { describe, expect, it } from '@jest/globals';
import { parseServiceText } from './service-text.ts';

describe("a Mapping's service", () => {
  it.each([
    ['web', { name: 'web' }],
    ['web:8080', { name: 'web', port: 8080 }],
    ['http://web:8080', { name: 'web', port: 8080, scheme: 'http' }],
    ['https://web', { name: 'web', scheme: 'https' }],
    ['HTTPS://www.example.com:8443', { name: 'www', rest: 'example.com', port: 8443, scheme: 'https' }],
    ['test.kubeflow:8000', { name: 'test', rest: 'kubeflow', port: 8000 }],
    ['web.shop.svc', { name: 'web', rest: 'shop.svc' }],
    ['web.shop.svc.cluster.local:80', { name: 'web', rest: 'shop.svc.cluster.local', port: 80 }],
    ['httpbin.org:80', { name: 'httpbin', rest: 'org', port: 80 }],
  ])('reads %s', (text, expected) => {
    expect(parseServiceText(text)).toEqual(expected);
  });

  it.each([
    ['ftp://web', "write 'web'"],
    ['web:http', "write 'web' and the number of its port behind a colon"],
    ['web/path', "write 'web' and the number of its port behind a colon"],
    ['web:0', "write 'web' with the port of the Service behind it"],
    ['web:65536', "write 'web' with the port of the Service behind it"],
    ['Web:80', "write 'web'"],
    ['10.0.0.1:80', "write the name of a Service such as 'web:8080'"],
    ['1web', "write a name such as 'web:8080'"],
    ['localhost:8877', "write the name of a Service such as 'web:8080'"],
    ['a_b', "write the name of a Service such as 'web:8080'"],
    ['[fd00::1]:80', "write 'name:port'"],
    [':80', "write 'name:port'"],
  ])('refuses %s and says what to write', (text, fix) => {
    expect(parseServiceText(text)).toMatchObject({ fix });
  });
});
