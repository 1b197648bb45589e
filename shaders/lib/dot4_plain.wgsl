// The same by shifts, for implementations without packed_4x8_integer_dot_product.
fn dot4(a: u32, b: u32) -> i32 {
  let x = vec4i(vec4u(a) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u);
  let y = vec4i(vec4u(b) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u);
  return x.x * y.x + x.y * y.y + x.z * y.z + x.w * y.w;
}
