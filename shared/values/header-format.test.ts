import { describe, expect, it } from '@jest/globals';
import { headerFormatFault } from './header-format.ts';

describe('the value of a header in the format of Envoy', () => {
  it.each([
    '',
    'plain text, with "signs"',
    '100%%',
    '%%%%',
    '%PROTOCOL%',
    'a %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT% b %HOSTNAME%',
    '%REQ(x-id)%',
    '%REQ(:authority?x-host):12%',
    '%RESP(content-type)%%%',
    '%START_TIME(%Y-%m-%dT%H:%M:%S)%',
  ])('%s', text => {
    expect(headerFormatFault(text)).toBeUndefined();
  });

  it.each([
    ['100%', "write '100%%'"],
    ['a % b', "write 'a %% b'"],
    ['50%-60%', "write '50%%-60%'"],
    ['abc%123', "write 'abc%%123'"],
    ['%START_TIME%%', "write '%START_TIME%%%'"],
    ['%REQ(x%', "write '%%REQ(x%'"],
  ])('%s has a single percent sign', (text, fix) => {
    expect(headerFormatFault(text)).toMatchObject({ must: expect.stringContaining("no single '%'"), fix });
  });

  it.each([
    '%ENVIRONMENT(HOME)%',
    '%NONSENSE%',
    '%REQ(a b)%',
    '%FILE_CONTENT(/etc/passwd)%',
    '%REQ()%',
    '%PROTOCOL(x)%',
  ])('%s is no command for a tenant (S-01)', text => {
    expect(headerFormatFault(text)?.must).toContain('that every Envoy knows');
  });

  it.each([' a', 'a ', 'a\tb', 'ä', ' '])('%j is not what a header can carry', text => {
    expect(headerFormatFault(text)?.must).toContain('visible ASCII');
  });
});
