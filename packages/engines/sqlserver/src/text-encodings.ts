// Stands in for iconv-lite in bundles: tedious asks it for the code pages of char and varchar columns. Names are
// nvarchar everywhere, which it reads itself; char columns of the catalogue hold letters that all code pages share.

/** Code pages as tedious names them, where TextDecoder has another name. */
const names: Readonly<Record<string, string>> = {
  CP874: 'windows-874',
  CP932: 'shift_jis',
  CP936: 'gbk',
  CP949: 'euc-kr',
  CP950: 'big5',
};

/** Text from bytes. */
function decode(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(nameOf(encoding)).decode(bytes);
}

/** Bytes from text. Statements are UTF-16, which tedious writes itself: nothing is ever sent in a code page. */
function encode(_text: string, encoding: string): Buffer {
  throw new Error(`${encoding} is not sent here`);
}

function nameOf(encoding: string): string {
  if (/^CP125\d$/.test(encoding)) return `windows-${encoding.slice(2)}`;
  // The code pages of DOS, which TextDecoder does not know: for their ASCII half.
  return names[encoding] ?? (encoding.startsWith('CP') ? 'windows-1252' : encoding);
}

// What imports it asks for the default export.
const encodings: {
  readonly decode: typeof decode;
  readonly encode: typeof encode;
  readonly getEncoder: typeof encode;
} = { decode, encode, getEncoder: encode };

export default encodings;
