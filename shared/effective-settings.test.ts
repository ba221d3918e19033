import { describe, expect, it } from '@jest/globals';
import { effectiveSettings, namespaceFindings, permitsTraffic } from './effective-settings.ts';
import { placeOf } from './findings/format.ts';
import type { Settings } from './settings.ts';
import { defaultSettings } from './settings-file.ts';
import type { Namespace } from './snapshot.ts';

const platform: Settings = { ...defaultSettings, domain: 'apps.example.com', area: 'shanghai', environment: 'prod' };

function namespace(annotations: Record<string, string>, labels: Record<string, string> = {}): Namespace {
  return { metadata: { name: 'shop', annotations, labels } };
}

describe('the settings of a namespace', () => {
  it("are the platform's where the namespace is not known", () => {
    expect(effectiveSettings(platform, undefined)).toEqual({
      environment: 'prod',
      area: 'shanghai',
      domain: 'apps.example.com',
      policy: 'enforce',
      handOver: new Map(),
    });
  });

  it('replace what they name', () => {
    const shop = namespace(
      {
        'waymark.dev/environment': 'test',
        'waymark.dev/area': 'guangzhou',
        'waymark.dev/domain': 'shop.example.com',
        'waymark.dev/allowed-hosts': 'shop.example.com, shop.example.org',
      },
      { 'waymark.dev/policy': 'warn' },
    );

    expect(effectiveSettings(platform, shop)).toEqual({
      environment: 'test',
      area: 'guangzhou',
      domain: 'shop.example.com',
      policy: 'warn',
      allowedHosts: ['shop.example.com', 'shop.example.org'],
      handOver: new Map(),
    });
    expect(namespaceFindings(platform, shop)).toEqual([]);
  });

  it('are not looked at where the platform does not let namespaces set them', () => {
    const shop = namespace({ 'waymark.dev/environment': 'test' }, { 'waymark.dev/policy': 'off' });

    expect(effectiveSettings({ ...platform, namespaceSettings: ['area'] }, shop)).toEqual(
      effectiveSettings(platform, undefined),
    );
  });

  it('are never looser for a value that cannot be used, and that is said', () => {
    const shop = namespace(
      {
        'waymark.dev/environment': 'staging',
        'waymark.dev/domain': 'not a domain',
        'waymark.dev/allowed-hosts': '*',
      },
      { 'waymark.dev/policy': 'none' },
    );

    expect(effectiveSettings(platform, shop)).toEqual({ ...effectiveSettings(platform, undefined), allowedHosts: [] });
    expect(namespaceFindings(platform, shop).map(({ site }) => placeOf(site))).toEqual([
      "metadata.annotations['waymark.dev/allowed-hosts']",
      "metadata.annotations['waymark.dev/environment']",
      "metadata.annotations['waymark.dev/domain']",
      "metadata.labels['waymark.dev/policy']",
    ]);
  });

  it.each([
    ['environment', 'staging', 'the setting of the platform counts'],
    ['domain', 'not a domain', 'the setting of the platform counts'],
    ['allowed-hosts', '*', 'it counts for nothing'],
    ['external-ips', '8.8.8.8', 'it counts for nothing'],
    ['hand-over', 'shop.example.com', 'it counts for nothing'],
  ])('as %s are said to be what they are while %j stands there: %s', (setting, value, what) => {
    const shop = namespace({ [`waymark.dev/${setting}`]: value });

    expect(namespaceFindings(platform, shop).map(({ fix }) => fix)).toEqual([`correct it; until then ${what}`]);
  });

  it.each([
    ['waymark.dev/allowed-host', {}, 'write `waymark.dev/allowed-hosts`'],
    ['waymark.dev/polcy', {}, 'write `waymark.dev/policy` among the labels'],
    ['waymark.dev/policy', {}, 'write `waymark.dev/policy` among the labels'],
    ['waymark.dev/handover', {}, 'write `waymark.dev/hand-over`'],
    ['waymark.dev/gateway', {}, 'delete it'],
  ])('that are none, such as %s, are found, since what they were to forbid stays allowed', (key, labels, fix) => {
    expect(namespaceFindings(platform, namespace({ [key]: 'x', 'other.dev/config': 'x' }, labels))).toEqual([
      expect.objectContaining({ code: 'WM036', site: { in: 'field', path: ['metadata', 'annotations', key] }, fix }),
    ]);
  });

  it('are annotations, and the policy is a label: the other way round they are found', () => {
    const shop = namespace({}, { 'waymark.dev/area': 'shanghai', 'waymark.dev/policy': 'warn' });

    expect(namespaceFindings(platform, shop).map(({ fix }) => fix)).toEqual([
      'write `waymark.dev/area` among the annotations',
    ]);
  });

  it('leave those without access by address whose namespace names only addresses that it may not have', () => {
    const external = { ...platform.external, ips: ['203.0.113.10'] };
    const shop = namespace({ 'waymark.dev/external-ips': '8.8.8.8' });

    expect(effectiveSettings({ ...platform, external }, shop).externalIPs).toEqual([]);
  });
});

describe('S-12: what a namespace hands over', () => {
  const wrong = 'must be a list such as `shop.example.com=team-b`, with commas between';

  it.each<[string, string, Readonly<Record<string, string>>, readonly string[]]>([
    ['is a host and who gets it', 'shop.example.com=team-b', { 'shop.example.com': 'team-b' }, []],
    [
      'is a list, each host in its one spelling',
      'Shop.Example.com.=team-b, a.example.com=team-c',
      { 'shop.example.com': 'team-b', 'a.example.com': 'team-c' },
      [],
    ],
    ['is nothing where nothing stands', '', {}, []],
    ['is no host without a namespace', 'shop.example.com=', {}, [wrong]],
    ['is no namespace without a host', '=team-b', {}, [wrong]],
    ['is no host alone', 'shop.example.com', {}, [wrong]],
    ['is no wildcard', '*.example.com=team-b', {}, [wrong]],
    ['is no address', '192.0.2.1=team-b', {}, [wrong]],
    ['is no single label', 'shop=team-b', {}, [wrong]],
    ['is not more than one name', 'shop.example.com=team-b=team-c', {}, [wrong]],
    ['is no namespace with a dot', 'shop.example.com=team.b', {}, [wrong]],
    ['is not for oneself', 'shop.example.com=shop', {}, ['must name another namespace']],
    [
      'is for one namespace, the first of two',
      'shop.example.com=team-b,shop.example.com=team-c',
      { 'shop.example.com': 'team-b' },
      ['must name each host once'],
    ],
    [
      'is what is good of a list that is wrong in part',
      'a b.example.com=team-b',
      { 'b.example.com': 'team-b' },
      [wrong],
    ],
  ])('%s', (_, written, moves, musts) => {
    const shop = namespace({ 'waymark.dev/hand-over': written });

    expect(Object.fromEntries(effectiveSettings(platform, shop).handOver)).toEqual(moves);
    expect(namespaceFindings(platform, shop).map(({ must }) => must)).toEqual(musts);
  });

  it('is its own to say, whatever the platform lets it set', () => {
    const shop = namespace({ 'waymark.dev/hand-over': 'shop.example.com=team-b' });

    expect(effectiveSettings({ ...platform, namespaceSettings: [] }, shop).handOver.size).toBe(1);
  });
});

describe('traffic from another namespace', () => {
  const open = (value: string) => namespace({ 'waymark.dev/allow-traffic-from': value });

  it.each([
    ['front, back', true],
    ['back', false],
    ['*', true],
    ['', false],
    ['frontier', false],
  ])('with allow-traffic-from %j is let in: %s', (value, expected) => {
    expect(permitsTraffic(platform, open(value), 'front')).toBe(expected);
  });

  it('is not let in by a namespace that is not known, nor where the platform keeps the grant to itself', () => {
    expect(permitsTraffic(platform, undefined, 'front')).toBe(false);
    expect(permitsTraffic({ ...platform, namespaceSettings: [] }, open('front'), 'front')).toBe(false);
  });
});
