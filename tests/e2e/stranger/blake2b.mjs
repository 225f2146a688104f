// BLAKE2b with a key (RFC 7693): the one in Node takes neither a key nor a length.

const MASK = (1n << 64n) - 1n;
const BLOCK_BYTES = 128;
const IV = [
  ...[0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n],
  ...[0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n],
];
/** The order in which each round takes the words of a block. */
const ROUNDS = [
  ...["0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8", "905724afe1bc683d"],
  ...["2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0"],
  ...["0123456789abcdef", "ea489fd61c02b753"],
].map((row) => Array.from(row, (digit) => parseInt(digit, 16)));
/** Four columns of the state, then four diagonals. */
const MIXED = [
  ...[[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]],
  ...[[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]],
];

const turned = (word, bits) => ((word >> BigInt(bits)) | (word << BigInt(64 - bits))) & MASK;

/** The digest of so many bytes; the key has 1 to 64. */
export function blake2b(data, key, digestBytes) {
  const hash = [...IV];
  hash[0] ^= 0x01010000n ^ BigInt((key.length << 8) | digestBytes);
  const text = Buffer.concat([key, Buffer.alloc(BLOCK_BYTES - key.length), data]);
  for (let start = 0; start < text.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, text.length);
    const block = Buffer.alloc(BLOCK_BYTES);
    text.copy(block, 0, start, end);
    compress(hash, block, BigInt(end), end === text.length);
  }
  const whole = Buffer.alloc(64);
  hash.forEach((word, place) => whole.writeBigUInt64LE(word, 8 * place));
  return whole.subarray(0, digestBytes);
}

function compress(hash, block, count, isLast) {
  const words = Array.from({ length: 16 }, (_, place) => block.readBigUInt64LE(8 * place));
  const state = [...hash, ...IV];
  state[12] ^= count;
  if (isLast) state[14] ^= MASK;
  for (const order of ROUNDS) {
    MIXED.forEach((places, n) => mix(state, places, words[order[2 * n]], words[order[2 * n + 1]]));
  }
  for (let place = 0; place < 8; place += 1) hash[place] ^= state[place] ^ state[place + 8];
}

function mix(state, [a, b, c, d], one, two) {
  for (const [word, first, second] of [[one, 32, 24], [two, 16, 63]]) {
    state[a] = (state[a] + state[b] + word) & MASK;
    state[d] = turned(state[d] ^ state[a], first);
    state[c] = (state[c] + state[d]) & MASK;
    state[b] = turned(state[b] ^ state[c], second);
  }
}
