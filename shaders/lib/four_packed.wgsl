// The product of four signed bytes with four others, summed: the GPU's own instruction.
fn four(a: u32, b: u32) -> i32 {
  return dot4I8Packed(a, b);
}
