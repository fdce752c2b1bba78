/** What is wrong with an engine on purpose, so that the suite can be seen to find it. */
export const defects = [
  'clones too little',
  'revokes nothing',
  'compares nothing',
  'takes any user for the twin',
  'gives the twin its password first',
  'prints the password',
  'puts the password into the error',
  "lets the driver's error out",
  'falls back to plaintext',
  'verifies no certificate',
  'checks no host name',
  'tries a login five times',
  'ignores the signal',
  'has no time limit',
  'quotes wrongly',
  'takes names for patterns',
  'cuts long passwords',
  'takes a wrong password for a lost connection',
  'takes a lost connection for a refused password',
  'takes the old password away first',
  'cannot be repeated',
  'ends the password in use',
  'hangs in close',
] as const;

export type Defect = (typeof defects)[number];
