import { describe, expect, it } from '@jest/globals';
import { artifactPath, artifactUri } from './artifact-path.ts';

describe('the path and the URI of a file', () => {
  it.each([
    ['in the folder', 'deploy/web.yaml', 'deploy/web.yaml', 'deploy/web.yaml'],
    ['in the folder, by its whole path', '/repo/web.yaml', 'web.yaml', 'web.yaml'],
    ['in the folder, by a detour', './a/../web.yaml', 'web.yaml', 'web.yaml'],
    ['with signs that a URI does not have', 'a b/100%#?.yaml', 'a b/100%#?.yaml', 'a%20b/100%25%23%3F.yaml'],
    ['with a colon, which would be a scheme', 'a:b.yaml', 'a:b.yaml', 'a%3Ab.yaml'],
    ['in another alphabet', '模型.yaml', '模型.yaml', '%E6%A8%A1%E5%9E%8B.yaml'],
    ['whose name begins with two dots', '..web.yaml', '..web.yaml', '..web.yaml'],
    ['elsewhere', '../other/web.yaml', '/other/web.yaml', 'file:///other/web.yaml'],
    ['elsewhere, with a blank', '/o t/web.yaml', '/o t/web.yaml', 'file:///o%20t/web.yaml'],
    ['that is the standard input', '-', '-', '-'],
  ])('%s', (_, file, path, uri) => {
    expect({ path: artifactPath(file, '/repo'), uri: artifactUri(file, '/repo') }).toEqual({ path, uri });
  });
});
