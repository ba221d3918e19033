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
  ])('as %s are said to be what they are while %j stands there: %s', (setting, value, what) => {
    const shop = namespace({ [`waymark.dev/${setting}`]: value });

    expect(namespaceFindings(platform, shop).map(({ fix }) => fix)).toEqual([`correct it; until then ${what}`]);
  });

  it.each([
    ['waymark.dev/allowed-host', {}, 'write `waymark.dev/allowed-hosts`'],
    ['waymark.dev/polcy', {}, 'write `waymark.dev/policy` among the labels'],
    ['waymark.dev/policy', {}, 'write `waymark.dev/policy` among the labels'],
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
