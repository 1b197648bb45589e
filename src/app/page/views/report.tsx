export default function Report() {
  return <p class="empty">Not built yet.</p>;
}
