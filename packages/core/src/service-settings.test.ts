import { describe, expect, test } from 'vitest';
import { readSettings } from './settings.ts';

function faultOf(options: Parameters<typeof readSettings>[0], env: NodeJS.ProcessEnv = {}): string {
  try {
    readSettings(options, env);
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid-configuration' });
    return (error as Error).message;
  }
  throw new Error('no error');
}

describe('where the server of a managed master secret is', () => {
  test('is not said by default', () => {
    expect(readSettings({}, { MASTER_HOST: '', MASTER_PORT: ' ', SAME_SERVICE: '' })).toMatchObject({
      masterService: undefined,
      sameService: [],
    });
  });

  test('is said by the environment, and an option comes before it as a whole', () => {
    const env = { MASTER_HOST: ' db.example ', MASTER_PORT: ' 5433 ' };
    expect(readSettings({}, env).masterService).toEqual({ host: 'db.example', port: 5433 });
    expect(readSettings({ masterService: { host: 'other.example' } }, env).masterService).toEqual({
      host: 'other.example',
      port: undefined,
    });
  });

  test.each([
    ['MASTER_HOST', { MASTER_HOST: '/var/run/marker' }],
    ['MASTER_HOST', { MASTER_HOST: 'marker example' }],
    ['MASTER_PORT', { MASTER_HOST: 'db.example', MASTER_PORT: 'marker' }],
    ['MASTER_PORT', { MASTER_HOST: 'db.example', MASTER_PORT: '0' }],
    ['MASTER_PORT', { MASTER_HOST: 'db.example', MASTER_PORT: '65536' }],
    ['MASTER_PORT needs MASTER_HOST', { MASTER_PORT: '5432' }],
  ])('a wrong %s is named, without its value: %j', (name, env) => {
    const message = faultOf({}, env);
    expect(message).toContain(name);
    expect(message).not.toContain('marker');
  });

  test.each([{ host: 'db example' }, { host: '' }])('a wrong option is named: %j', (masterService) => {
    expect(faultOf({ masterService })).toContain('the option masterService.host');
  });

  test.each([0, 65_536, 1.5, Number.NaN])('a wrong port in the options is named: %d', (port) => {
    expect(faultOf({ masterService: { host: 'db.example', port } })).toContain('the option masterService.port');
  });
});

describe('which hosts are one server', () => {
  test('is a list of lists, in the options and in the environment', () => {
    const expected = [
      [
        { host: 'proxy.example', port: 5432 },
        { host: 'db.example', port: 5433 },
      ],
      [
        { host: 'a.example', port: undefined },
        { host: 'fd00::1', port: undefined },
      ],
    ];
    const SAME_SERVICE = 'proxy.example:5432=db.example:5433; a.example=fd00::1;';
    expect(readSettings({}, { SAME_SERVICE }).sameService).toEqual(expected);
    const sameService = [
      ['proxy.example:5432', 'db.example:5433'],
      ['a.example', '[fd00::1]'],
    ];
    expect(readSettings({ sameService }, { SAME_SERVICE: 'x=y' }).sameService).toEqual(expected);
  });

  test.each(['marker', 'a=', '=a', 'a=marker:0', 'a=marker:x', 'a=b:', 'a=mark er', 'a=[fd00::1', 'a=b;marker'])(
    'a wrong SAME_SERVICE is named, without its value: %j',
    (SAME_SERVICE) => {
      const message = faultOf({}, { SAME_SERVICE });
      expect(message).toContain('SAME_SERVICE must name two hosts or more');
      expect(message).not.toContain('marker');
    },
  );

  test('a wrong option is named', () => {
    expect(faultOf({ sameService: [['db.example']] })).toContain('the option sameService must name two hosts or more');
    expect(faultOf({ sameService: [[]] })).toContain('the option sameService');
  });
});
