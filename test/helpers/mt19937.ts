/** numpy's legacy generator and permutations (MT19937, Fisher-Yates with masked rejection), bit for bit. */
export function numpyPermutations(seed: number, count: number, n: number): Uint32Array[] {
  const next = mt19937(seed);
  const below = (largest: number): number => {
    const mask = 2 ** (32 - Math.clz32(largest)) - 1;
    for (;;) {
      const value = (next() & mask) >>> 0;
      if (value <= largest) return value;
    }
  };
  return Array.from({ length: count }, () => {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = below(i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  });
}

/** 32-bit numbers of Matsumoto and Nishimura's generator, seeded by one number (init_genrand). */
function mt19937(seed: number): () => number {
  const state = new Uint32Array(624);
  state[0] = seed;
  for (let i = 1; i < 624; i++) {
    const before = state[i - 1]! ^ (state[i - 1]! >>> 30);
    state[i] = Math.imul(1812433253, before) + i;
  }
  let at = 624;
  return () => {
    if (at === 624) {
      for (let i = 0; i < 624; i++) {
        const y = (state[i]! & 0x80000000) | (state[(i + 1) % 624]! & 0x7fffffff);
        state[i] = state[(i + 397) % 624]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = state[at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}
