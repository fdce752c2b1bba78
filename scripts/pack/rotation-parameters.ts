import type { Parameter } from './parameter.ts';
import type { StrategyFacts } from './strategies.ts';

const yesOrNo: readonly string[] = ['', 'true', 'false'];

/** Of the passwords that are made. @param excluded the characters that they leave out unless told otherwise */
export function passwords(excluded: string): Parameter[] {
  const group = 'Passwords';
  const option = (name: string, variable: string, description: string): Parameter => ({
    name,
    group,
    default: '',
    allowed: yesOrNo,
    variable,
    description,
  });
  return [
    {
      name: 'excludeCharacters',
      group,
      default: '',
      variable: 'EXCLUDE_CHARACTERS',
      description: `Characters that no password holds. Empty: ${excluded}`,
    },
    {
      name: 'passwordLength',
      group,
      default: '',
      pattern: '[0-9]{0,4}',
      variable: 'PASSWORD_LENGTH',
      description: "Empty: the engine's default, 32 for most.",
    },
    option('excludeNumbers', 'EXCLUDE_NUMBERS', 'Empty: false.'),
    option('excludePunctuation', 'EXCLUDE_PUNCTUATION', 'Empty: false.'),
    option('excludeUppercase', 'EXCLUDE_UPPERCASE', 'Empty: false.'),
    option('excludeLowercase', 'EXCLUDE_LOWERCASE', 'Empty: false.'),
    option('includeSpace', 'INCLUDE_SPACE', 'Empty: false.'),
    option('requireEachIncludedType', 'REQUIRE_EACH_INCLUDED_TYPE', 'Empty: true.'),
    {
      name: 'passwordSource',
      group,
      default: 'local',
      allowed: ['local', 'get-random-password'],
      variable: 'PASSWORD_SOURCE',
      description: 'Who makes passwords: the function, or GetRandomPassword.',
    },
  ];
}

/** Of the rotation. */
export function rotation(strategy: StrategyFacts): Parameter[] {
  const group = 'The rotation';
  const whole = (name: string, variable: string, description: string): Parameter => ({
    name,
    group,
    default: '',
    pattern: '[0-9]{0,9}',
    variable,
    description,
  });
  return [
    ...(strategy.master === 'none' || strategy.twin
      ? []
      : [
          {
            name: 'passwordChangedBy',
            group,
            default: '',
            allowed: ['', 'user', 'master'],
            variable: 'PASSWORD_CHANGED_BY',
            description: `Who changes the password. Empty: ${strategy.master === 'needed' ? 'master' : 'user'}.`,
          },
        ]),
    ...(strategy.twin
      ? [
          {
            name: 'twinSuffix',
            group,
            default: '',
            pattern: '\\S*',
            variable: 'TWIN_SUFFIX',
            description: 'What the name of the second user ends in. Empty: _clone.',
          },
        ]
      : []),
    ...(strategy.database
      ? [
          whole(
            'usernameCharacterLimit',
            'USERNAME_CHARACTER_LIMIT',
            "The most characters of a user's name. Empty: the server's.",
          ),
        ]
      : []),
    ...(strategy.previous === 'not at all' || (strategy.master === 'none' && strategy.makesPasswords)
      ? []
      : [
          whole(
            'gracePeriodMinutes',
            'GRACE_PERIOD_MINUTES',
            'How long the previous credential must work: a rotation that comes sooner is refused. Empty: 0.',
          ),
        ]),
    whole(
      'propagationWaitMs',
      'PROPAGATION_WAIT_MS',
      "How long a new credential may be refused, in milliseconds. Empty: the strategy's default.",
    ),
    whole(
      'consistencyWaitMs',
      'CONSISTENCY_WAIT_MS',
      'How long a version that was just written is looked for, in milliseconds. Empty: 3000.',
    ),
    ...(strategy.makesPasswords
      ? [whole('failedLoginLimit', 'FAILED_LOGIN_LIMIT', 'Refused logins in one invocation. Empty: 3.')]
      : []),
    ...(strategy.database
      ? [
          whole('connectTimeoutMs', 'CONNECT_TIMEOUT_MS', 'For one login, in milliseconds. Empty: 5000.'),
          {
            name: 'tlsCaPem',
            group,
            default: '',
            variable: 'TLS_CA_PEM',
            description:
              'The only trusted certificate authorities, as PEM. Empty: those of the engine, of Lambda and of the system.',
          },
        ]
      : []),
    {
      name: 'logLevel',
      group,
      default: 'INFO',
      allowed: ['INFO', 'WARN', 'ERROR'],
      variable: 'POWERTOOLS_LOG_LEVEL',
      description: 'What the function logs.',
    },
  ];
}
