import { describe, expect, it } from '@jest/globals';
import { NO_FACTS } from '../shared/cluster-facts.ts';
import type { Intent } from '../shared/intent.ts';
import { read } from '../shared/read.ts';
import { defaultSettings } from '../shared/settings-file.ts';
import { deployment } from '../test/support/deployments.ts';
import { createExternalWants } from './external-wants.ts';
import { watchExternal } from './external-watch.ts';

const SETTINGS = { ...defaultSettings, external: { ...defaultSettings.external, strategy: 'loadBalancer' as const } };

function asking(name: string, external: string): Intent | undefined {
  const config = `apiVersion: waymark.dev/v1\nkind: InferenceService\ntype: serving\nmodel: m\nversion: v1\nexternal: ${external}\n`;
  return read(deployment(name, { config }), { settings: SETTINGS, namespaces: new Map() }).intent;
}

describe('who is woken by a Deployment that asks for a number', () => {
  const wants = createExternalWants();
  const woken: string[] = [];
  const noWatch = () => {
    throw new Error('nothing is watched');
  };
  const ids = { facts: NO_FACTS.externalIds, serviceChanged: () => undefined };
  const external = watchExternal(noWatch, SETTINGS.external, { ids, wants }, name => woken.push(name));
  const asks = (name: string, text?: string): readonly string[] => {
    woken.length = 0;
    external.deploymentChanged(name, text === undefined ? undefined : asking(name, text));
    return [...woken].sort();
  };

  it('are those that write it now or shared one with it before, and nobody else', () => {
    expect(asks('shop/a', '{id: 7}')).toEqual([]);
    expect(asks('shop/b', '{id: 7}')).toEqual(['shop/a']);
    expect(asks('shop/c', '{id: 8}')).toEqual([]);
    expect(asks('shop/d', '{}')).toEqual([]);
    expect(asks('shop/b', '{id: 8}')).toEqual(['shop/a', 'shop/c']);
    expect([...wants.written].sort()).toEqual([7, 8]);
    expect(wants.rivalsOf('shop/b')).toEqual(['shop/c', 'shop/b', 'shop/b-external']);

    expect(asks('shop/a')).toEqual([]);
    expect([...wants.written]).toEqual([8]);
    expect(asks('shop/b')).toEqual(['shop/c']);
  });

  it('is the one whose second Service has its name', () => {
    expect(asks('shop/a-external')).toEqual(['shop/a']);
  });
});
