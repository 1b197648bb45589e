// The product of four signed bytes with four others, summed, where a GPU has no instruction of its own for it.
fn bytesOf(word: u32) -> vec4i {
  return vec4i(vec4u(word) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u);
}

fn four(a: u32, b: u32) -> i32 {
  return dot(bytesOf(a), bytesOf(b));
}
